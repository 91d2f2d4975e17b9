#!/usr/bin/env python3
"""Times the recipes' training steps in PyTorch, in float32 without TF32: a JSON object a line for each recipe and way.

The networks, losses, passes and optimisers are those of src/Gan/Recipes in their corrected form. What `gan` reports beside the losses,
accuracies and mean outputs, is left out here, and no loss is read back: PyTorch has the least to do. A way is

  eager          as PyTorch runs it
  graph          the whole step captured in a CUDA graph, and replayed
  compile        both networks under torch.compile
  compile-graph  the step with compiled networks, captured and replayed

Adam is the fused one where there is one, and capturable on CUDA. Needs Python 3.8 and PyTorch 1.12 or newer.
"""
import argparse
import json
import statistics
import sys
import time

WAYS = ("eager", "graph", "compile", "compile-graph")
GRAPHED = ("graph", "compile-graph")
POOL = 16  # batches of real pictures, taken in turn
SAMPLES = 11
SAMPLE_SECONDS = 0.03

# sizes of G after the noise, sizes of D before its one output, batch, noise, (G's rate, D's rate), (G's beta1, D's beta1), beta2, epsilon
RECIPES = {
    "hsu": ([128, 256, 512], [512, 256, 128], 256, 100, (1e-3, 2e-4), (0.5, 0.5), 0.999, 1e-7),
    "odog": ([256, 512, 1024], [512, 256], 128, 100, (2e-4, 2e-4), (0.5, 0.5), 0.999, 1e-7),
    "fabo": ([256, 512, 1024], [1024, 512, 256], 100, 100, (2e-4, 2e-4), (0.5, 0.1), 0.999, 1e-8),
    "sdl": ([256], [256], 100, 128, (2e-4, 2e-4), (0.9, 0.9), 0.999, 1e-8),
    "lornatang": ([256, 512, 1024], [1024, 512, 256], 128, 100, (1e-4, 1e-4), (0.9, 0.9), 0.999, 1e-7),
    "stable": ([256, 512, 1024], [512, 256], 128, 100, (8e-4, 8e-4), (0.5, 0.5), 0.99, 1e-8),
    "cgan": ([256, 512, 1024], [512, 512, 512], 32, 100, (2e-4, 2e-4), (0.5, 0.5), 0.999, 1e-7),
    # of convolutions the channels after each stage
    "dcgan": ([128, 128, 64], [32, 64, 128, 256], 32, 100, (2e-4, 2e-4), (0.5, 0.5), 0.999, 1e-7),
    "acgan": ([128, 128, 64], [16, 32, 64, 128], 32, 100, (2e-4, 2e-4), (0.5, 0.5), 0.999, 1e-7),
    "stable-conv": ([64, 32], [32, 64], 64, 64, (1.6e-3, 1.6e-3), (0.0, 0.0), 0.99, 1e-8),
}
ONE_DAY = ("cgan", "dcgan", "acgan")
CONDITIONAL = ("cgan", "acgan")
CLASSES = 10
PIXELS = 784


def networks(torch, recipe):
    """Returns G and D of a recipe: modules whose forward takes (x, batch_statistics, move_statistics, dropout, labels)."""
    nn, functional = torch.nn, torch.nn.functional

    class BatchNorm(nn.Module):
        """Batch normalisation whose statistics are chosen at each call; Keras' momentum m is 1 - m here."""

        def __init__(self, channels, momentum, epsilon):
            super().__init__()
            self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))
            self.register_buffer("mean", torch.zeros(channels))
            self.register_buffer("variance", torch.ones(channels))
            self.momentum, self.epsilon = 1 - momentum, epsilon

        def forward(self, x, batch, move):
            known = not batch or move
            mean, variance = (self.mean, self.variance) if known else (None, None)
            return functional.batch_norm(x, mean, variance, self.weight, self.bias, batch, self.momentum, self.epsilon)

    class Network(nn.Module):
        """Dense layers, each with its activation, normalised before it or after it or not at all."""

        def __init__(self, sizes, activation, last, norms=(), norm_first=False, momentum=0.8, epsilon=1e-3, dropout=0.0):
            super().__init__()
            self.layers = nn.ModuleList([nn.Linear(n, m) for n, m in zip(sizes, sizes[1:])])
            self.norms = nn.ModuleDict({str(i): BatchNorm(sizes[i + 1], momentum, epsilon) for i in norms})
            self.activation, self.last, self.norm_first, self.dropout = activation, last, norm_first, dropout
            for layer in self.layers:
                nn.init.xavier_uniform_(layer.weight)
                nn.init.zeros_(layer.bias)

        def forward(self, x, batch=False, move=False, dropout=False, labels=None):
            for i, layer in enumerate(self.layers[:-1]):
                x = layer(x)
                norm = self.norms[str(i)] if str(i) in self.norms else None
                if norm is not None and self.norm_first:
                    x = norm(x, batch, move)
                x = self.activation(x)
                if norm is not None and not self.norm_first:
                    x = norm(x, batch, move)
            if self.dropout and dropout:
                x = functional.dropout(x, self.dropout, True)
            return self.last(self.layers[-1](x))

    class Layers(nn.Module):
        """Layers one after the other; the input is first multiplied by a row for each label, if there is one."""

        def __init__(self, layers, labelled=0):
            super().__init__()
            self.layers = nn.ModuleList(layers)
            self.rows = nn.Embedding(CLASSES, labelled) if labelled else None

        def forward(self, x, batch=False, move=False, dropout=False, labels=None):
            if self.rows is not None:
                x = x * self.rows(labels)
            for layer in self.layers:
                if isinstance(layer, BatchNorm):
                    x = layer(x, batch, move)
                elif not isinstance(layer, nn.Dropout):
                    x = layer(x)
                elif dropout:
                    x = functional.dropout(x, layer.p, True)
            return x

    def leaky(x):
        return functional.leaky_relu(x, 0.2)

    def same(x):
        return x

    of_g, of_d, _, noise, *_ = RECIPES[recipe]
    g_sizes, d_sizes = [noise] + of_g + [PIXELS], [PIXELS] + of_d + [1]
    if recipe in ("dcgan", "acgan"):
        return tuple(Layers(*network) for network in convolutions_of_one_day(nn, BatchNorm, recipe, of_g, of_d, noise))
    if recipe == "stable-conv":
        return tuple(Layers(layers) for layers in stages(nn, of_g, of_d, noise))
    if recipe == "cgan":
        of = [nn.Linear(PIXELS, of_d[0]), nn.LeakyReLU(0.2)]
        for n, m in zip(of_d, of_d[1:]):
            of += [nn.Linear(n, m), nn.LeakyReLU(0.2), nn.Dropout(0.4)]
        g = [layer for n, m in zip(g_sizes, of_g) for layer in (nn.Linear(n, m), nn.LeakyReLU(0.2), BatchNorm(m, 0.8, 1e-3))]
        return Layers(g + [nn.Linear(of_g[-1], PIXELS), nn.Tanh()], noise), Layers(of + [nn.Linear(of_d[-1], 1)], PIXELS)
    if recipe == "hsu":
        return Network(g_sizes, torch.relu, torch.tanh), Network(d_sizes, torch.relu, same)
    if recipe == "sdl":
        return Network(g_sizes, torch.relu, torch.sigmoid), Network(d_sizes, torch.relu, same)
    if recipe == "lornatang":
        g = Network(g_sizes, leaky, torch.tanh, norms=(1, 2), norm_first=True, momentum=0.99)
    elif recipe == "fabo":
        g = Network(g_sizes, leaky, torch.sigmoid, norms=(0, 1, 2), momentum=0.9, epsilon=1e-5, dropout=0.5)
    else:
        g = Network(g_sizes, leaky, torch.tanh, norms=(0, 1, 2))
    return g, Network(d_sizes, leaky, same)


def convolutions_of_one_day(nn, norm, recipe, of_g, of_d, noise):
    """Returns (layers, size of a label's row, or 0) of dcgan's or acgan's G, and of its D."""
    labelled, slope = recipe == "acgan", nn.LeakyReLU(0.2)

    def normed(activation, channels):
        after = [norm(channels, 0.8, 1e-3), activation]
        return after[::-1] if labelled else after

    first, second, third = of_g
    g = [nn.Linear(noise, 49 * first), nn.ReLU(), nn.Unflatten(1, (first, 7, 7))] + [norm(first, 0.8, 1e-3)] * labelled
    for n, m in ((first, second), (second, third)):
        g += [nn.Upsample(scale_factor=2), nn.Conv2d(n, m, 3, padding=1), *normed(nn.ReLU(), m)]
    g += [nn.Conv2d(third, 1, 3, padding=1), nn.Tanh(), nn.Flatten()]
    end = nn.ZeroPad2d((0, 1, 0, 1))  # at a stride of 2 Keras pads the ends of even sides
    d = [nn.Unflatten(1, (1, 28, 28)), end, nn.Conv2d(1, of_d[0], 3, 2), slope, nn.Dropout(0.25)]
    for i, (n, m) in enumerate(zip(of_d, of_d[1:])):
        convolution = [nn.Conv2d(n, m, 3, padding=1)] if i == 2 else [end, nn.Conv2d(n, m, 3, 2)] + [end] * (i == 0)
        if labelled:
            d += convolution + [slope, nn.Dropout(0.25)] + [norm(m, 0.8, 1e-3)] * (i < 2)
        else:
            d += convolution + normed(slope, m) + [nn.Dropout(0.25)]
    d += [nn.Flatten(), nn.Linear(16 * of_d[-1], 1 + CLASSES * labelled)]
    return (g, noise * labelled), (d, 0)


def stages(nn, of_g, of_d, noise):
    """Returns the layers of stable-conv's G and D."""
    slope = nn.LeakyReLU(0.2)
    g = [nn.Linear(noise, 512), slope, nn.Linear(512, 49 * of_g[0]), slope, nn.Unflatten(1, (of_g[0], 7, 7))]
    g += [nn.ConvTranspose2d(of_g[0], of_g[1], 4, 2, 1), slope, nn.ConvTranspose2d(of_g[1], 1, 4, 2, 1), nn.Tanh(), nn.Flatten()]
    d = [nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, of_d[0], 4, 2, 1), slope, nn.Conv2d(of_d[0], of_d[1], 4, 2, 1), slope]
    return g, d + [nn.Flatten(), nn.Linear(49 * of_d[-1], 256), slope, nn.Linear(256, 1)]


def make_adam(torch, parameters, rate, beta1, beta2, epsilon, device):
    """Makes the fastest Adam that this PyTorch has on the device; returns it with its kind."""
    settings = dict(lr=rate, betas=(beta1, beta2), eps=epsilon)
    more = dict(capturable=True) if device.type == "cuda" else {}
    for kind in ("fused", "foreach", "plain"):
        try:
            return torch.optim.Adam(parameters, **settings, **more, **({} if kind == "plain" else {kind: True})), kind
        except (RuntimeError, TypeError, ValueError):
            continue
    raise RuntimeError("this PyTorch has no Adam for %s" % device)


class Step:
    """A recipe's training step on one batch of real pictures, `real`."""

    def __init__(self, torch, recipe, device, compiled):
        self.torch, self.recipe = torch, recipe
        _, _, self.batch, self.noise_size, rates, betas, beta2, epsilon = RECIPES[recipe]
        torch.manual_seed(1)
        g, d = (network.to(device) for network in networks(torch, recipe))
        self.g_parameters, self.d_parameters = list(g.parameters()), list(d.parameters())
        self.g_adam, self.adam_kind = make_adam(torch, self.g_parameters, rates[0], betas[0], beta2, epsilon, device)
        self.d_adam, _ = make_adam(torch, self.d_parameters, rates[1], betas[1], beta2, epsilon, device)
        self.g, self.d = (torch.compile(g), torch.compile(d)) if compiled else (g, d)
        low = 0.0 if recipe in ("fabo", "sdl") else -1.0
        self.device = device
        self.pool = [torch.empty(self.batch, PIXELS, device=device).uniform_(low, 1.0) for _ in range(POOL)]
        self.real = self.pool[0].clone()
        # the classes of the real pictures
        self.labels = torch.randint(0, CLASSES, (self.batch,), device=device) if recipe in CONDITIONAL else None
        if recipe in ("stable", "stable-conv"):
            state = self.g_parameters + list(g.buffers())
            self.state, self.average = state, [tensor.detach().clone() for tensor in state]

    def noise(self):
        z = self.torch.empty(self.batch, self.noise_size, device=self.device)
        return z.uniform_(-1, 1) if self.recipe == "fabo" else z.normal_()

    def bce(self, logits, target):
        """Binary cross-entropy of logits against a constant, as softplus."""
        return self.torch.nn.functional.softplus(-logits if target else logits).mean()

    def update(self, adam, parameters, loss):
        self.apply(adam, parameters, self.torch.autograd.grad(loss, parameters))

    @staticmethod
    def apply(adam, parameters, gradients):
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient
        adam.step()

    def run(self):
        """Takes a step; returns D's and G's loss."""
        if self.recipe in ("hsu", "lornatang"):
            return self.simultaneous()
        if self.recipe in ONE_DAY:
            return self.one_day()
        return {"odog": self.odog, "stable": self.stable, "stable-conv": self.stable}.get(self.recipe, self.alternating)()

    def simultaneous(self):
        fake = self.g(self.noise(), True, True)
        on_real, on_fake = self.d(self.real), self.d(fake)
        d_loss, g_loss = self.bce(on_real, 1) + self.bce(on_fake, 0), self.bce(on_fake, 1)
        of_d = self.torch.autograd.grad(d_loss, self.d_parameters, retain_graph=True)
        of_g = self.torch.autograd.grad(g_loss, self.g_parameters)
        self.apply(self.d_adam, self.d_parameters, of_d)
        self.apply(self.g_adam, self.g_parameters, of_g)
        return d_loss, g_loss

    def alternating(self):
        batch, z = self.recipe == "fabo", self.noise()
        with self.torch.no_grad():
            fake = self.g(z, batch, batch)
        d_loss = self.bce(self.d(self.real), 1) + self.bce(self.d(fake), 0)
        self.update(self.d_adam, self.d_parameters, d_loss)
        g_loss = self.bce(self.d(self.g(self.noise() if batch else z, batch, batch, batch)), 1)
        self.update(self.g_adam, self.g_parameters, g_loss)
        return d_loss, g_loss

    def odog(self):
        on_real = self.bce(self.d(self.real), 1)
        self.update(self.d_adam, self.d_parameters, on_real)
        with self.torch.no_grad():
            fake = self.g(self.noise())
        on_fake = self.bce(self.d(fake), 0)
        self.update(self.d_adam, self.d_parameters, on_fake)
        g_loss = self.bce(self.d(self.g(self.noise(), True, True)), 1)
        self.update(self.g_adam, self.g_parameters, g_loss)
        return 0.5 * (on_real + on_fake), g_loss

    def one_day(self):
        torch, z = self.torch, self.noise()
        drawn = None if self.labels is None else torch.randint(0, CLASSES, (self.batch,), device=self.device)
        of_fake = self.labels if self.recipe == "cgan" else drawn
        on_real = self.judged(self.real, self.labels, 1)
        self.update(self.d_adam, self.d_parameters, on_real)
        with torch.no_grad():
            fake = self.g(z, labels=of_fake)
        on_fake = self.judged(fake, of_fake, 0)
        self.update(self.d_adam, self.d_parameters, on_fake)
        g_loss = self.judged(self.g(z, True, True, labels=drawn), drawn, 1, move=False)
        self.update(self.g_adam, self.g_parameters, g_loss)
        return 0.5 * (on_real + on_fake), g_loss

    def judged(self, pictures, labels, target, move=True):
        """D's loss on pictures: its first output's, and for acgan that of the class that it tells."""
        out = self.d(pictures, True, move, True, labels)
        loss = self.bce(out[:, :1], target)
        return loss + self.torch.nn.functional.cross_entropy(out[:, 1:], labels) if self.recipe == "acgan" else loss

    def stable(self):
        torch = self.torch
        with torch.no_grad():
            fake = self.g(self.noise(), True)
        x, f = self.real.detach().requires_grad_(), fake.detach().requires_grad_()
        on_real, on_fake = self.d(x), self.d(f)
        slopes = torch.autograd.grad(on_real.sum() + on_fake.sum(), (x, f), create_graph=True)
        penalty = sum(0.5 * slope.square().sum() / self.batch for slope in slopes)
        d_loss = self.bce(on_real - on_fake, 1) + penalty
        self.update(self.d_adam, self.d_parameters, d_loss)
        on_fake, on_real = self.d(self.g(self.noise(), True, True)), self.d(self.real)
        g_loss = self.bce(on_fake - on_real, 1)
        self.update(self.g_adam, self.g_parameters, g_loss)
        with torch.no_grad():
            torch._foreach_mul_(self.average, 0.999)
            torch._foreach_add_(self.average, self.state, alpha=0.001)
        return d_loss, g_loss


def measure(torch, step, way, quick):
    """Times a step in one way; returns a JSON object's fields."""
    device, losses = step.device, [None, None]
    began = time.perf_counter()

    def wait():
        if device.type == "cuda":
            torch.cuda.synchronize()

    def take():
        losses[:] = step.run()

    if way in GRAPHED:
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(5):
                take()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            take()
        replay = graph.replay
    else:
        replay = take

    def one(i):
        step.real.copy_(step.pool[i % POOL])
        replay()

    for i in range(2 if quick else 30):
        one(i)
    wait()
    warm = time.perf_counter() - began

    def block(count):
        wait()
        start = time.perf_counter()
        for i in range(count):
            one(i)
        wait()
        return time.perf_counter() - start

    count = 1
    while not quick and block(count) < SAMPLE_SECONDS and count < 1024:
        count *= 2
    seconds = sorted(block(count) / count for _ in range(3 if quick else SAMPLES))
    return dict(
        batch=step.batch, parameters=[sum(p.numel() for p in network) for network in (step.g_parameters, step.d_parameters)],
        median_s_per_step=statistics.median(seconds), least_s=seconds[0], greatest_s=seconds[-1], steps_a_sample=count,
        warm_s=round(warm, 2), adam=step.adam_kind, d_loss=float(losses[0]), g_loss=float(losses[1]))


def compiled_step(torch, recipe, device):
    """Makes a step with compiled networks, whose losses are the eager one's, but for dropout's other masks: four layers of them in D."""
    near = 0.3 if recipe in ONE_DAY else 0.05
    def losses(step):
        torch.manual_seed(2)
        return [float(loss) for loss in [step.run() for _ in range(3)][-1]]

    torch._dynamo.reset()
    step = Step(torch, recipe, device, True)
    expected, found = losses(Step(torch, recipe, device, False)), losses(step)
    if any(abs(a - b) > near * abs(a) for a, b in zip(expected, found)):
        raise RuntimeError("compiled, its losses after three steps are %s, not %s" % (found, expected))
    return step


def prepare_compiling(torch):
    """Sets what the steps need of torch.compile; settings have come and gone with PyTorch's versions."""
    import torch._dynamo
    for module, name, value in (
            ("torch._functorch.config", "donated_buffer", False),  # which a graph that is kept for a second gradient doesn't allow
            ("torch._dynamo.config", "cache_size_limit", 64),  # a network has several passes, and is compiled for each
            ("torch._dynamo.config", "recompile_limit", 64),
            ("torch._dynamo.config", "fail_on_cache_limit_hit", True),  # otherwise it would go on without compiling, unseen
            ("torch._dynamo.config", "fail_on_recompile_limit_hit", True)):
        try:
            settings = __import__(module, fromlist=["config"])
            if hasattr(settings, name):
                setattr(settings, name, value)
        except (ImportError, AttributeError):
            pass


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="cuda", help="cuda or cpu [default: cuda]")
    parser.add_argument("--recipes", default=",".join(RECIPES), help="their names, with commas between")
    parser.add_argument("--ways", default="eager,graph", help="some of %s" % ",".join(WAYS))
    parser.add_argument("--quick", action="store_true", help="few steps, so that the figures are only to be there")
    given = parser.parse_args()
    recipes, ways = given.recipes.split(","), given.ways.split(",")
    unknown = [name for name in recipes if name not in RECIPES] + [name for name in ways if name not in WAYS]
    if unknown:
        parser.error("unknown: %s" % ", ".join(unknown))
    try:
        import torch
    except ImportError as fault:
        sys.exit("PyTorch isn't there: %s" % fault)
    if given.device.startswith("cuda") and not torch.cuda.is_available():
        sys.exit("This PyTorch, %s, finds no CUDA device." % torch.__version__)
    device = torch.device(given.device)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True  # the fastest kernel of each convolution
    if any(way.startswith("compile") for way in ways) and hasattr(torch, "compile"):
        prepare_compiling(torch)
    # A capture that fails may spoil what follows, so it comes last; but a compiled step, which takes long to make, is captured at once.
    pairs = [(recipe, way) for way in ways for recipe in recipes]
    if any(way.startswith("compile") for way in ways):
        pairs = [(recipe, way) for recipe in recipes for way in ways]
    made, failed = {}, {}
    for recipe, way in pairs:
        line = dict(recipe=recipe, mode=way, torch=torch.__version__, device=str(device))
        compiled = way.startswith("compile")
        if way in GRAPHED and device.type != "cuda":
            line["why"] = "CUDA graphs need a CUDA device"
        elif compiled and not hasattr(torch, "compile"):
            line["why"] = "PyTorch %s has no torch.compile" % torch.__version__
        else:
            try:
                if (recipe, compiled) in failed:
                    raise failed[recipe, compiled]
                if (recipe, compiled) not in made:
                    made[recipe, compiled] = compiled_step(torch, recipe, device) if compiled else Step(torch, recipe, device, False)
                line.update(measure(torch, made[recipe, compiled], way, given.quick))
            except Exception as fault:  # whatever PyTorch says, the next way is still to be tried
                if (recipe, compiled) not in made:
                    failed[recipe, compiled] = fault  # it would take as long once more
                line["why"] = "%s: %s" % (type(fault).__name__, " ".join(str(fault).split())[:300])
        print(json.dumps(line), flush=True)


main()
