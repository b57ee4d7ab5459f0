"""Words of other languages around a request that ask for nothing, as patterns: "bitte", "quisiera", "帮我".

Each language's table turns them into "the", last. No word that denies, limits, compares or counts may be here. Not for:
phrases (the tables), English (harmless.py).
"""

from __future__ import annotations

LITTLE_WORDS: dict[str, str] = {
    "de": (
        r"bitte|möchte(?:n|st)?|würde[nt]?|gern(?:e)?|ich|wir|mir|uns|kannst|könntest|du|sie|mal|mach(?:e|en)?"
        r"|nimm|nehmen?|optimiere?n?|tunen?|durchtunen|stimm(?:e|en)?|abstimmen|ab|einstellen|stelle|suche?n?"
        r"|finde?n?|der|die|das|den|dem|des|'?ne[nrm]?|'n|einen?|einer|einem|eines|ein|mein(?:e[nrsm]?)?"
        r"|daten(?:satz)?|datei|modell|beste[nrs]?|gute[nrs]?|ordentlich(?:e[nrs]?)?|lass|laufen|werden|wird"
        r"|ist|sind|es|fertig|sein|dann|so|etwa|noch|insgesamt|gesamt|brauche?n?|benötige?n?|will|wollen"
        r"|wollte|hätte|hab(?:e|en|t)?|hat|kann|können|könnten|magst|bräuchte|gib|geben|gebe|dürfte|lassen"
        r"|läuft|lief|starte?n?|führe|ausführen|durch|verwende[nt]?|benutze?n?|nutze?n?|einsetzen|setze?"
        r"|trainiere?n?|trainiert|lerne?n?|erstelle?n?|baue?n?|berechne?n?|rechnen|verbessere?n?"
        r"|optimal(?:e[rnms]?)?|optimiert|optimierung|abzustimmen|einzustellen|tuning"
        r"|hyperparameter(?:suche|optimierung|n)?|grüße|im voraus|lieben|liebe|freundliche|unser(?:e[nrsm]?)?"
        r"|dein(?:e[nrsm]?)?|euer|eure[nrsm]?|ihr(?:e[nrsm]?)?|sein(?:e[nrsm]?)?|dies(?:e[nrsm]?)?"
        r"|jen(?:e[nrsm])|etwas|alles|man|euch|dich|mich|ihnen|doch|auch|schon|eben|halt|nun|jetzt|gerade"
        r"|zuerst|erst|anschließend|danach|da|damit|dass|daß|ob|wo|was|welche[rnsm]?|wie|wobei|während|solange"
        r"|sofern|gut|schön|super|toll|prima|kurz|einfach|wirklich|vielleicht|okay|klar|ja|hier|dort|davon"
        r"|daran|darauf|hin|her|rund|ungefähr|circa|ca\.?|skript|programm|funktion|befehl"
        r"|verfahren|methode|ansatz|werte?n?|bereich|parametern?|studie|suche|aufgabe|projekt"
        r"|problem|ergebnis(?:se)?|training|zeit|budget|gesamtzeit|laufzeit|stück|datei(?:en)?|tabelle"
        r"|csv-datei|datensätzen?|dafür|zusammen|jeweils|(?:unter der )?(?:neben)?bedingung|geht|gehen|liegen?"
        r"|liegt|bleiben|bleibt|halten|gehalten|wurde|worden|wäre|wären|gibt|gebt|dauern|dauert|aber|steht"
        r"|stehen|nehme|nimmt"
        r"|probiere?n?|teste?n?|wähle?n?"
    ),
    "fr": (
        r"peux|pouvez|pourrais|pourriez|voulez|veuillez|aimerais|aimerions|souhaite(?:rais)?|souhaitons"
        r"|voudrions|avons|ai|ont|avez|faut|il|elle|ils|elles|besoin|beaucoup|bien|très|vraiment|juste"
        r"|simplement|environ|approximativement|alors|donc|puis|ensuite|aussi|ainsi|déjà|maintenant|enfin|ici"
        r"|là|surtout|chrono|régler|réglage|réglez|tuner|tune|optimisation|optimisant|entraîne[rz]?"
        r"|entraînement|apprendre|améliore[rz]?|construire|créer|exécuter|exécute[rz]?|essaye[rz]?|essaie"
        r"|teste[rz]?|prends|prendre|prenez|mets|mettre|effectue[rz]?|tourner|tourne[rz]?|employer|emploie"
        r"|utilisant|étude|recherche|hyperparamètres?|paramètres?|valeurs?|plage|intervalle|tableau"
        r"|mais|tard|bout|classification|algorithme|méthode|problème|tâche"
        r"|projet|script|programme|fonction|commande|résultats?|score|notre|nos|votre|vos|ton|ta|tes|son|sa"
        r"|ses|leurs?|ces|cet|moi|toi|lui|ça|cela|c'|n'|qu'|s'|m'|t'|dont|où|comme|afin|pendant|durant|vers"
        r"|chez|entre autres|selon|tout|tous|toute|toutes|budget|limite|temps|durée|totale?s?|globale?|nombre"
        r"|optimal(?:e|es)?|optimaux|suivante?s?|rester|reste|garder|aller|compris(?:e|es)?|se|y|sera|serait"
        r"|étant|ait|aient|fini|terminé|terminer|plus|grâce|disposons|dispose|d'abord"
    ),
    "es": (
        r"quiero|quisiera|posible|acaba[r]?|pero|puedes|podrías|me|mis?|yo|tú|ajusta[r]?|optimiza[r]?"
        r"|afina[r]?|busca[r]?|encuentra"
        r"|usa[r]?|dame|haz(?:l[oa]s?)?|un|una|unos|unas|el|la|los|las|datos|conjunto|archivo|fichero"
        r"|mejor(?:es)?|buen[oa]?s?|que|qué|sea|es|son|total|resultados?|podríamos|podéis|necesito"
        r"|necesitamos|queremos|querría|gustaría|deseo|tengo|tenemos|hay|he|ha|han|tiene|tienen|haber|ten"
        r"|tener|much[oa]s?|muy|bien|simplemente|aproximadamente|alrededor|entonces|luego|después|también"
        r"|además|así|ahora|primero|finalmente|aquí|ahí|ya|pues|vale|sí|claro|favor|antemano|ayuda|ayúdame"
        r"|ajuste|ajústame|ajustame|tunear|optimice|optimización|optimízame|encontrar|encuéntrame|busco"
        r"|buscamos|entrena[r]?|entrenamiento|aprender|mejora[rs]?|mejorás|mejore|construir|crear|lanza[r]?"
        r"|ejecuta[r]?|ejecutando|prueba|probar|toma[r]?|tirale|tírale|pásale|pon|poner|realiza[r]?|hacer|haga"
        r"|hazme|corre[r]?|emplea[r]?|utiliza[r]?|utilizando|usando|use|dar|quedarse|mantener|mantén|mantenga"
        r"|vaya|ir|comprendid[oa]|estudio|búsqueda|hiperparámetros?|parámetros?|valor(?:es)?|rango|intervalo"
        r"|conjuntos?|tabla|modelos?|algoritmo|método|problema|tarea|proyecto|script|programa|función|comando"
        r"|puntuación|opción|nuestr[oa]s?|sus?|tus?|mí|nos|le|les|se|lo|te|est[eao]s?|es[eao]s?|aquel|él|ella"
        r"|ellos|cual|cuál|cuyo|donde|dónde|como|cómo|durante|hacia|según|tod[oa]s?|presupuesto|límite|tiempo"
        r"|duración|número|óptim[oa]s?|siguiente|desde|entre|esté|están|está|estar|siendo|ser|sería|será|fue"
        r"|acabar|terminar|terminado|listo|vez|cada|bueno|qued[ae]n?|permanezca|disponemos|dispongo|más"
    ),
    "zh": (
        r"请问?|微调|帮我|帮忙|帮助|帮|麻烦|谢谢[你您]?|多谢|感谢|辛苦|谢了?|你好|您好|拜托|我想|我要|求助|算了|大佬|老师|哈|呗|想|要|用|使用|在|上|的|对|把|调优|调参|调试"
        r"|调整|调|优化|训练|数据集|数据|最好|一下|里面|其中|当中|里|中|为|了|吧|跑|做|让|使|来|去|看|搞|弄|试|开|你|您|我们?|他们?|咱们?|需求|任务|模型|算法|方法"
        r"|超?参数|搜索|寻找|找到?|找出|选择?|选|可以|能否|能不能|能|吗|呢|啊|呀|哦|嗯|好的?|这个?|那个?|这些|一些|一个|个|它|其|该|有|就|都|也|再|还|先|然后|接着|最后"
        r"|现在|总共|一共|总计|合计|大概|大约|左右|约|共|总|时间|限制|预算|运行|执行|进行|完成|结束|开始|启动|自动|脚本|程序|函数|命令|文件|表格|之间|范围|区间|取值|取|值|分数"
        r"|得分|结果|效果|性能|表现|目标|希望|打算|准备|给|与|及|则|以|由|被|地|得|着|过|优|较好|建模|机器学习|花费|花|费用|次|轮|每|试验|实验|尝试|是"
    ),
}
"""Language -> its words."""
