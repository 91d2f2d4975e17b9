using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Losses;
using GanFromScratch.Gan.Recipes;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Each loss against its formula in double, and its gradients, penalties with it, against central differences of a whole network.
/// </summary>
[TestFixture]
[Quick]
internal sealed class AdversarialLossTests
{
    private static readonly double[] X = [1.5, -0.3, 0.2, 4, -2.5, 0.9], F = [-1.2, 0.4, 2.1, -3, 0.1, 1.1];
    private static readonly double[] OfReals = [0.9, 0.9, 0, 0.9, 0.9, 0.9], OfFakes = [0, 0, 0.9, 0, 0, 0];

    private static IEnumerable<string> Names => AdversarialLoss.All.Select(loss => loss.Name);

    private static double Softplus(double x) => Math.Log(1 + Math.Exp(x));

    /// <summary>D's and G's loss as the papers have them; labels where there are some.</summary>
    private static (double D, double G) Expected(string name) => name switch
    {
        "bce" => (Bce(X, OfReals) + Bce(F, OfFakes), F.Average(f => -Math.Log(Sigmoid(f)))),
        "saturating" => (Bce(X, OfReals) + Bce(F, OfFakes), F.Average(f => Math.Log(1 - Sigmoid(f)))),
        "lsgan" => (0.5 * (X.Zip(OfReals, (x, t) => Math.Pow(x - t, 2)).Average() + F.Zip(OfFakes, (f, t) => Math.Pow(f - t, 2)).Average()),
            0.5 * F.Average(f => Math.Pow(f - 1, 2))),
        "wgan" or "wgan-gp" => (F.Average() - X.Average(), -F.Average()),
        "hinge" => (X.Average(x => Math.Max(0, 1 - x)) + F.Average(f => Math.Max(0, 1 + f)), -F.Average()),
        "relativistic" => (X.Zip(F, (x, f) => Softplus(-(x - f))).Average(), X.Zip(F, (x, f) => Softplus(-(f - x))).Average()),
        _ => throw new NotSupportedException(name),
    };

    [Test]
    public void IsItsFormula([ValueSource(nameof(Names))] string name)
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        using Tensor x = Column(device, X), f = Column(device, F), ofReals = Column(device, OfReals), ofFakes = Column(device, OfFakes);
        Var onReal = tape.Constant(x), onFake = tape.Constant(f);
        var loss = AdversarialLoss.Find(name);
        var (d, g) = Expected(name);
        Assert.That(
            loss.OfDiscriminator(onReal, onFake, tape.Constant(ofReals), tape.Constant(ofFakes)).Item(), Is.EqualTo(d).Within(2e-6));
        Assert.That(loss.OfGenerator(onFake, loss.GeneratorSeesReals ? onReal : null).Item(), Is.EqualTo(g).Within(2e-6));
    }

    /// <summary>What is counted as accuracy: a good D is right about most, and D that swaps the two about none.</summary>
    [Test]
    public void AccuracyTellsAGoodDFromABadOne([ValueSource(nameof(Names))] string name)
    {
        using var device = new CpuDevice(1);
        using var tape = new Tape(device);
        using Tensor high = Column(device, [2, 1, 3]), low = Column(device, [-1, -2, -0.5]);
        var loss = AdversarialLoss.Find(name);
        Var up = tape.Constant(high), down = tape.Constant(low);
        foreach (var (x, f, share) in new[] { (up, down, 1.0), (down, up, 0.0) })
        {
            Assert.That(DeferredMetric.ShareOfPositive(loss.Realness(x, f).Value).Value, Is.EqualTo(share), "reals taken for real");
            Assert.That(DeferredMetric.ShareOfPositive(loss.Realness(f, x).Value).Value, Is.EqualTo(1 - share), "fakes taken for real");
        }
    }

    [Test]
    public void GradientsOfD(
        [ValueSource(nameof(Names))] string name, [Values("", "r1 and r2", "gp")] string penalty, [Values] bool spectralNorm)
    {
        using var networks = new SmallNetworks(spectralNorm);
        var loss = AdversarialLoss.Find(name);
        var d = networks.Discriminator;
        var result = GradCheck.First(networks.Device, d.ParameterArray, tape =>
        {
            Var x = tape.Variable(networks.Real), f = tape.Variable(networks.Fake);
            Var onReal = d.Forward(x, Pass.Inference), onFake = d.Forward(f, Pass.Inference);
            var value = loss.OfDiscriminator(onReal, onFake, tape.Constant(networks.OfReals), tape.Constant(networks.OfFakes));
            if (penalty.Length == 0)
                return value;
            var slopes = Penalties.InputGradients([onReal, onFake], [x, f]);
            return value.Add(penalty == "gp"
                ? Penalties.OneCentred(slopes[x]).Scale(10f)
                : Penalties.ZeroCentred(slopes[x]).Add(Penalties.ZeroCentred(slopes[f]).Scale(0.5f)));
        }, samples: 40);
        Assert.That(result.Passed, result.ToString());
    }

    [Test]
    public void GradientsOfG([ValueSource(nameof(Names))] string name)
    {
        using var networks = new SmallNetworks(spectralNorm: false);
        var loss = AdversarialLoss.Find(name);
        var (g, d) = (networks.Generator, networks.Discriminator);
        var result = GradCheck.First(networks.Device, g.ParameterArray, tape => loss.OfGenerator(
            d.Forward(g.Forward(tape.Constant(networks.Noise), Pass.Training()), Pass.Inference),
            loss.GeneratorSeesReals ? d.Forward(tape.Constant(networks.Real), Pass.Inference) : null));
        Assert.That(result.Passed, result.ToString());
    }

    [Test]
    public void AnUnknownLossIsRefusedWithTheKnownOnes()
    {
        var fault = Assert.Throws<GanException>(() => AdversarialLoss.Find("wgan_gp"))!;
        Assert.That(
            (fault.Code, fault.Message),
            Is.EqualTo((ExitCode.Usage, $"--loss: there is no loss 'wgan_gp'. Known are: {string.Join(", ", Names)}.")));
    }

    private static Tensor Column(Device device, double[] values) =>
        Tensor.From(device, new Shape(values.Length, 1), [.. values.Select(v => (float)v)]);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Bce(double[] x, double[] t) =>
        x.Zip(t, (v, label) => -((label * Math.Log(Sigmoid(v))) + ((1 - label) * Math.Log(1 - Sigmoid(v))))).Average();
}
