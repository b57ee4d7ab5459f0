"""Words that ask for nothing, and words that ask for nothing once what they are about was read.

A word that is in neither list, left over, is quoted back. So no word that denies, limits, compares or counts may be
here, nor the name of a thing that somebody could ask for (an estimator, a metric, a kind of data). Not for: phrases
(tidying.py), other languages (languages.py).
"""

from __future__ import annotations

_POLITE = """
    please kindly hi hello hey yo greetings dear thanks thank thx ty tia cheers appreciated appreciate regards sorry
    can could would you your yours u i i'm i'd i'll i've im id ill ive me my mine myself we we'd we'll we've us our ours
    ok okay yeah yes yep sure cool awesome wonderful folks team everyone everybody everything somebody
    someone anyone sir madam buddy mate
    want wants wanted wish like liked love lovely loved let lets let's need needs needed help helping helps helpful hope
    hopefully possible possibly ideally preferably maybe perhaps able kind mind favour favor guess
    think thinks thought know knew wonder wondering curious interested looking look going gonna wanna trying tried
    assume simply basically essentially actually really truly honestly literally obviously clearly ah oh well hmm hm
    anyway anyways also additionally moreover furthermore plus too together
"""
_VERBS = """
    tune tunes tuned tuning finetune fine-tune finetuning fine-tuning optimise optimises optimised optimize optimizes
    optimized optimising optimizing optimisation optimization optimum fit fits fitting train trains training trained
    search searches searching find finds finding found run runs running ran try tries get gets getting give gives giving
    make makes making do does doing done use uses used using choose pick select evaluate evaluates evaluating start
    starts begin go goes launch kick set sets setup configure configured configuring perform performs execute executes
    improve improves improved improving explore exploring sweep sweeping study build builds building create creates
    creating come show shows tell see sees check checks work works working take takes taking put report reports
    reported returns return print prints printed output outputs outputting emit emits written writes write yields
    produces says said called have has had having got be been being is are was were am
    call calls discover determine figure identify obtain achieve deliver provide provides allow allowed change changes
    matters matter care cares consider considered conduct automate handle solve pass passes passing accepts accept
    takes expects read reads load loads loaded based serve serves play spend spent allocate assign
    model-selection hyperparameter-tuning hyperparameter-search hyperparameter-optimisation hyperparameter-optimization
"""
_LITTLE = """
    a an the this that these those there here its it's it they them their as so and with for to of on in by at from into
    or via through during which what what's whats how who where when whose whether then now if while since because
    should shall will must may might some any such own same both overall total altogether
    using onto upon about regarding concerning w.r.t wrt re per-se up toward towards inside among amongst around
    all-in-all eg e.g i.e ie etc namely otherwise else given
    respectively vs each-other again afterwards finally next first firstly second
    secondly lastly just only simply
"""
_THINGS = """
    model models estimator estimators algorithm algorithms classifier classifiers regressor regressors learner method
    technique approach pipeline thing things stuff job task project problem question case example
    script scripts program programs code codebase repo repository function functions command commands file files folder
    directory pytorch tensorflow keras jax python shell bash argparse cli notebook binary executable app application
    hyperparameter hyperparameters hyper-parameter hyper-parameters hyper hyperparam hyperparams hyper-params hparams
    hparam params param parameter parameters setting settings configuration configurations config configs knob knobs
    flag flags option options argument arguments args combination combinations hpo automl tuner optimizer optimiser
    data dataset datasets data-set set sets table csv column columns row rows feature features sample records
    best good better great optimal nice decent solid proper suitable right perfect strong strongest well ideal
    score scores scored metric metrics performance value values result results objective criterion
    measure measured measurement quality quantity number numbers
    range ranges ranging interval bounds space spaces domain
    time budget budgets limit limits limited restricted cap capped wall-clock wallclock clock compute
    cross-validation crossvalidation cv sklearn sklearn's scikit-learn scikit-learn's scikit learn
    university uni thesis bachelor bachelor's master master's phd paper homework assignment course lab
    professor prof boss colleague colleagues supervisor advisor customer client manager meeting presentation demo
    competition kaggle company department office laptop machine shared spare server box cluster node workstation
    iris-flowers flower flowers plant plants tumour tumor digit handwritten image images picture pictures
    new old simple basic standard usual normal regular typical reasonable sensible following below-mentioned
"""
FILLERS = frozenset(" ".join((_POLITE, _VERBS, _LITTLE, _THINGS)).split())
"""Words that ask for nothing; left over, they are ignored. No word that denies or limits is among them."""
NOUNS = frozenset(_THINGS.split())
"""Of these the names of things, and what is said of things."""

RELATED: dict[str, frozenset[str]] = {
    field: frozenset(words.split())
    for field, words in {
        "family": "kernel-machine tree trees tree-based boosted ensemble regression classification learning machine",
        "target": "predict predicts predicted predicting prediction forecast label labels labelled target variable "
        "response dependent class classes supervised field called named",
        "trials": "trial trials run runs count evaluations enough suffice suffices sufficient plenty fine stop "
        "maximum max most limit configurations attempts iterations experiments candidates reach reached",
        "seconds": "tonight today overnight weekend week day days whole "
        "long enough suffice suffices sufficient plenty fine maximum max most stop finish"
        " available duration wall "
        "runtime run total reach reached keep over up past all-night night shortened extended",
        "trial_seconds": "trial trials run runs timeout long each individual single duration",
        "trial_memory": "memory ram mem footprint max maximum each trial trials per usage consume",
        "workers": "parallel parallelism parallelise parallelize concurrency concurrent concurrently simultaneous "
        "simultaneously processes cores core cpu cpus worker workers threads available machine trials runs launch",
        "gpus": "gpu gpus card cards available",
        "seed": "random seed reproducible reproducibility rng state fixed fix keep kept",
        "folds": "cross validation validate validated cross-validated cross-validate fold folds cv k-fold"
        " stratified xval",
        "held_out": "test tests testing validation holdout hold-out split final evaluation out",
        "goal_target": "stop stopping enough reach reached reaches goal aim target early hit hits threshold soon once "
        "sufficient done quit suffices satisfied happy fine there halt",
        "deadline": "deadline finish finished ready done due tonight today evening morning overnight latest"
        " stop end ends "
        "complete completed night night's afternoon until over",
        "dollars": "money cost costs pay paying llm llms language model models api maximum max most total worth",
        "requests": "llm llms ask asks asking query language api maximum max most total",
        "direction": "maximise maximize maximising maximizing maximum maximal minimise minimize minimising minimizing "
        "minimum minimal high higher highest low lower lowest large larger largest small smaller"
        " smallest bigger biggest "
        "greatest down up top increase decrease raise reduce push drive squeeze boost far much keep",
        "metric": "mean average validation held-out cross-validated goal target test final primary main",
        "speed": "fast faster fastest quick quicker quickest slow slower slowest speed sluggish",
        "name": "name named call called study title label",
        "log": "log logarithmic logarithmically scale log-scale logscale log-uniform log-uniformly spaced uniform",
        "ranges": "parameter vary varying varies varied searched tried tested fixed constant keep stay stays space",
        "constraints": "latency memory runtime size constraint constraints constrained subject condition keep"
        " keeping stay stays provided long "
        "satisfy satisfying hold holds ensure ensuring respect respecting requirement",
    }.items()
}
"""Field -> words about it: ignored where the field was read, quoted where it was not. "log" and "speed" count as
fields here."""
