"""Whether a metric is better when it is larger or smaller, as far as its name tells.

Not for: metrics of estimators, whose direction is known (cards/metrics.py).
"""

from __future__ import annotations

import re

from agenttune.goal import Direction

SMALLER = frozenset(
    """
    loss losses logloss err error errors rmse mae mse nll mape smape rmsle rmsd brier ece crps residual regret bias
    perplexity ppl bpc bpd xent wer cer ter eer fid kid lpips fdr fpr fnr bd
    latency lat ms us ns sec secs seconds minutes hours time runtime walltime wall duration elapsed delay lag jitter
    stall stalls pause makespan cycles overhead instructions
    memory mem rss bytes kb mb gb kib mib gib size footprint waste
    cost costs energy joules watts drag misses miss faults failures collisions violations penalty overshoot timeouts
    retries drops dropped par2 emissions deviation imbalance vram
    """.split()
)
LARGER = frozenset(
    """
    acc accuracy auc auroc auprc f1 f2 r2 score reward rewards return returns precision recall sensitivity specificity
    kappa mcc iou miou dice map ap bleu rouge chrf meteor ndcg mrr hits hit em exact fmeasure f1score top pass sdr snr
    psnr ssim vmaf pesq stoi sharpe elo win wins winrate success throughput goodput bandwidth tps qps rps fps iops ops
    gflops tflops mflops speedup lift likelihood elbo correlation corr pearson spearman silhouette profit revenue
    yield efficiency
    """.split()
)
"""Words in the name of a metric that tell in which direction it is better."""
_COUNTED = frozenset(
    "req reqs requests ops op queries tokens tok samples images rows events mb gb kb messages msgs".split()
)
"""What is counted by the second: "req_s"."""


def usual_direction(metric: str) -> Direction | None:
    """The direction that a metric's name tells; None where it tells none, or both."""
    name = metric.lower()
    words = {word.rstrip("0123456789") or word for word in re.split(r"[_\W]+", name)} | set(re.split(r"[_\W]+", name))
    bad = words & SMALLER - {"ms", "us", "ns", "kb", "mb", "gb", "bytes", "sec", "secs", "seconds"}
    if re.search(r"_per_(?:s|sec|secs|second|min|minute|h|hr|hour|day)$", name) or (
        name.endswith("_s") and name[:-2] in _COUNTED
    ):
        return "minimize" if bad else "maximize"
    is_smaller, is_larger = bool(words & SMALLER) or _is_percentile(words), bool(words & LARGER)
    if is_smaller == is_larger:
        return None
    return "minimize" if is_smaller else "maximize"


def _is_percentile(words: set[str]) -> bool:
    """Whether it is one of response times, as "p99" is."""
    return any(re.fullmatch(r"p(?:50|75|90|95|99|999)", word) for word in words)
