"""`TEMPLATE`: the commented study file that `agenttune init` writes. It runs as it is."""

from __future__ import annotations

TEMPLATE = """\
# A study file of AgentTune: what to tune, how to score it, how long. It runs as it is:
#
#     agenttune run study.toml
#
# Paths are relative to this file. A typing error is answered with the nearest key.

name = "my-study"             # without it, the name of this file
seed = 0                      # everything random follows from it
workers = 1                   # trials that run at a time
# gpus = 0                    # deals out one visible device per worker
# proposer = "auto"           # or default, random, sobol, gp, forest, tpe; with a model also llm+gp, llm
# model = "http://localhost:11434/v1#qwen3"   # asked beside the surrogate; or openai:NAME
# history = "digest"          # or "chat": the model is shown the whole conversation
# reuse_replies = true        # requests that another study got a reply to are answered by it, not sent
# scheduler = "fifo"          # or median, asha, halving: stop trials whose reports fall behind
# constraints = ["C * gamma < 100"]   # what every configuration must keep


# ---- what a trial runs: one of four kinds ------------------------------------------------------

# 1. A scikit-learn family on a data set of scikit-learn's or on a CSV file.
[objective]
type = "estimator"
family = "svm"                # or random-forest, gradient-boosting, logistic-regression, mlp, knn, ridge, ...
data = "digits"               # or iris, wine, breast_cancer, diabetes, or a path such as "penguins.csv"
# target = "species"          # the column to predict, for a CSV file
# folds = 5
# held_out = 0.2              # share of the rows that tuning never sees

# 2. A command in any language. {name} stands for a parameter, {seed}, {trial}, {checkpoint_dir} and
#    {result} for what AgentTune gives; {amp:--amp} is a switch, the word where a parameter of type bool is true,
#    and {amp:--amp/--no-amp} names the one where it is false. It prints its metric, or writes it to the file {result}.
# [objective]
# type = "command"
# command = "python train.py --lr {lr} --layers {layers} --seed {seed}"
# metric = { regex = 'accuracy: (\\S+)' }        # or { json_line = true }, or { file = "out_{trial}.json" }

# 3. A Python function f(config) or f(config, run), in a module or a file beside this one.
# [objective]
# type = "python"
# target = "train.py:objective"

# 4. A table of measurements made before: a CSV file with one column per parameter and metric.
# [objective]
# type = "table"
# path = "measurements.csv"


# ---- what may be tried ------------------------------------------------------------------------

# An estimator without a [space] gets the curated one of its family.
[space]
C = { type = "float", low = 1e-3, high = 1e3, log = true }
gamma = { type = "float", low = 1e-5, high = 1.0, log = true }
kernel = { type = "categorical", choices = ["rbf", "poly"] }
degree = { type = "int", low = 2, high = 5, when = { kernel = ["poly"] } }
# batch = { type = "int", low = 16, high = 512, log = true, default = 64, unit = "rows" }
# width = { type = "ordinal", values = [64, 128, 256] }
# nesterov = { type = "bool" }
# epochs = { type = "constant", value = 10 }


# ---- what is better ---------------------------------------------------------------------------

[goal]
metric = "accuracy"
direction = "maximize"        # or "minimize"
# target = 0.99               # ends the study once reached
# constraints = ["latency_ms < 20"]   # bounds on other metrics that a trial reports


# ---- how much may be spent --------------------------------------------------------------------

[budget]
trials = 20
seconds = "5 min"             # or a number of seconds

[trial]                       # limits of each trial
seconds = "1 min"
# memory = "2G"
# attempts = 3                # how often a trial may die (not fail) before it is given up


# ---- where to start ---------------------------------------------------------------------------

# The setting to start from and to compare with. Estimators have the library's own.
# [default]
# C = 1.0

# Configurations of your own to run first, any number of them.
# [[first]]
# C = 10.0
# gamma = 0.01
# kernel = "rbf"
"""
