"""Words and letters by which a sentence of another language is known from an English one.

Not for: what they mean (the tables of the languages), how many it takes (languages.py).
"""

from __future__ import annotations

MARKS: dict[str, str] = {
    "de": (
        r"zufallswald|entscheidungsbaum|genauigkeit|prozesse?|datensatz|höchste|kleinste|stunde|halbe|keine"
        r"|danke|hallo|könntest|kannst|nimm|reichen|sobald|auf|für|mit|und|bitte|versuche?|läufe|höchstens"
        r"|keinen?|möchte|zwischen|stunden?|nein|von|wie|eine[nrm]?|mach|ich|mindestens|gleichzeitig|bis"
        r"|minimieren?|maximieren?|fertig|startwert|nicht|der|das|dem|den|oder|über|soll|vorhersagen|je|aus"
        r"|auch|sekunden|minuten|durchläufe|optimiere|lieber|doch|brauche|wir|ist|sein|werden|zum|zur|sondern"
        r"|beste[nrs]?|mal|mir|nur|wenn|dann|noch|spalte|grafikkarte|moin|möglichst|klein|nach|statt|alle"
        r"|einen?|durch|unter|höher|kein|werden|schluss|zeit|daten|aber|höchstens|sowie"
        r"|runter|rauf|darf|dürfen|sollen|muss|müssen|kann|geht|läuft|läufen|laeufe|höher|größer|kleiner"
        r"|niedrig|schnell|langsam|heute|morgen|abends?|uhr|jede[rns]?|alles|schon|hier|gern|weil|damit|dass"
        r"|fehler|tiefe|versuch|aufhören|reicht|fuer|hoechstens|moeglichst|vergiss|streich|metrik|heißt|gibt"
        r"|druckt|schreibt|klassifikator|bei|pro lauf|neuronales|nachbarn|zufallssuche|startwert|dazu"
        r"|vier|fünf|sechs|sieben|acht|neun|zehn|zwanzig|dreißig|kreuzvalidierung"
    ),
    "fr": (
        r"aléatoire|exactitude|processus|essais?|graine|heures?|demi|secondes?|avant|parmi|validation croisée"
        r"|colonne|cible|meilleure?|moins|que|qui|se|ne|ce|c'est|peux|veux|lance|merci|salut|bonjour|plis|sur"
        r"|avec|pas de|dans|une?|pour|baisser?|minimiser|maximiser|entre|s'il|peux-tu|prédis|je|les?|à|plus de"
        r"|moins de|inférieure? à|pas plus de|minimise[rz]|des|du|et|ou|aux?|la|jusqu'à|voudrais|forêt|arbre"
        r"|réseau|régression|est|par|secondes|jeu de données|d'|l'|en parallèle|plutôt|non|trouve|fais|doit"
        r"|pendant|notre|affiche|imprime"
        r"|peut|peuvent|doivent|baisse|monter?|descendre|essai|taille|profondeur|arrête|heure|soir|demain"
        r"|matin|midi|aussi|être|fini|donc|mais|puis|chaque|jusqu'à|appelle|utilise[rz]?|règle|cherche"
        r"|minimiser|voisins|veux|mieux|nombre|oublie|enlève|supprime|aucune?|données|affiche|rendre|toutes?"
        r"|cible|colonne|apprentissage|trente|vingt|quarante|cinquante|deux|trois|quatre|cinq|sans|avant"
        r"|fichier"
    ),
    "es": (
        r"aleatorio|exactitud|semilla|columna|objetivo|media|segundos?|antes|mejores|dame|haz|entrena|usa"
        r"|menos|mayor|menor|gracias|buenas|pruebas?|veinte|treinta|dos|tres|cuatro|cinco|diez|ensayos"
        r"|corridas|con|para|una?|quiero|hasta|entre|por favor|minutos|horas?|maximizar?|minimizar?|optimiza"
        r"|que|en|de|los|las|del|árbol|decisión|regresión|ajusta|predecir|procesos|mejor|el|al|y|más|por|sobre"
        r"|bosque|red|hola|minimiza|maximiza|máximo|sin|cada|usando|maximizar|minimizar|maximizando"
        r"|minimizando|manteniendo|deja|pon|reserva|dispones|logística|archivo|fichero|dentro|cuando|donde"
        r"|cualquier|todo|esto|eso|mientras|según|menos de|más de|lo|puedes|como|nomás|mejorás|oye|che|porfa"
        r"|mínim[oa]|intentos|ejecuciones|la|se|tengo|vueltas"
        r"|puede[ns]?|debe[ns]?|baja[r]?|sube|subir|siempre|cuando|debajo|encima|todo|posible|quita|ahora"
        r"|luego|mañana|tarde|noche|núcleos|hilos|llámalo|nunca|también|profundidad|vecinos|épocas|lotes|tasa"
        r"|datos|pliegues|particiones|escala|rápido|logistica|arbol|precisión|cuarenta|cincuenta"
        r"|sesenta|ocho|nueve|seis|siete|perdón|pase|vaya|sea|son|está|muestra|imprime|devuelve|saca"
        r"|peticiones|consultas|medio|unas|unos|ese|esta"
    ),
    "zh": (r"[\u4e00-\u9fff]"),
}
"""Language -> words that its sentences have and English ones do not, as a pattern."""
LETTERS: dict[str, str] = {
    "de": "[äöüß]",
    "fr": "[èêàùçœâîôûé]",
    "es": "[ñáíóú¿¡é]",
}
"""Language -> letters that count as one more mark, as a pattern."""
