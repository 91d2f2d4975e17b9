#!/usr/bin/env python3
"""Times torch.mm, in float32 without TF32, at the sizes on standard input: a JSON object a line for each product.

A line of input is a dense layer, `samples inputs outputs`; its products are x·W, dy·Wᵀ and xᵀ·dy. Needs Python 3.8 and PyTorch.
"""
import argparse
import json
import statistics
import sys
import time

SAMPLES = 9
SAMPLE_SECONDS = 0.002


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="cuda", help="cuda or cpu [default: cuda]")
    parser.add_argument("--quick", action="store_true", help="few launches, so that the figures are only to be there")
    given = parser.parse_args()
    try:
        import torch
    except ImportError as fault:
        sys.exit("PyTorch isn't there: %s" % fault)
    if given.device.startswith("cuda") and not torch.cuda.is_available():
        sys.exit("This PyTorch, %s, finds no CUDA device." % torch.__version__)
    torch.backends.cuda.matmul.allow_tf32 = False

    def wait():
        if given.device.startswith("cuda"):
            torch.cuda.synchronize()

    def block(a, b, y, count):
        wait()
        start = time.perf_counter()
        for _ in range(count):
            torch.mm(a, b, out=y)
        wait()
        return time.perf_counter() - start

    torch.manual_seed(1)
    for line in sys.stdin:
        samples, inputs, outputs = (int(word) for word in line.split())
        x, w, dy = (torch.rand(shape, device=given.device) * 2 - 1 for shape in ((samples, inputs), (inputs, outputs), (samples, outputs)))
        for name, a, b in (("x·W", x, w), ("dy·Wᵀ", dy, w.t()), ("xᵀ·dy", x.t(), dy)):
            y = torch.empty(a.shape[0], b.shape[1], device=given.device)
            block(a, b, y, 1)
            # a time is worth something only of the right result
            error = (y[0].double() - a[0].double() @ b.double()).abs().max().item()
            if error > 2e-5 * max(1.0, a.shape[1] ** 0.5):  # TF32 would be wrong by more
                sys.exit("%s of %s is wrong by %g" % (name, line.strip(), error))
            count = 1
            while not given.quick and block(a, b, y, count) < SAMPLE_SECONDS and count < 1 << 14:
                count *= 2
            seconds = statistics.median(block(a, b, y, count) / count for _ in range(3 if given.quick else SAMPLES))
            print(json.dumps(dict(
                size="%dx%dx%d" % (samples, inputs, outputs), product=name, us=round(1e6 * seconds, 2),
                gflops=round(2e-9 * samples * inputs * outputs / seconds, 1), torch=torch.__version__, device=given.device)), flush=True)


main()
