using GanFromScratch.Autograd;
using GanFromScratch.Gan.Models;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// odog's two networks, shrunk, with its losses: every parameter's gradient against central differences, and penalties on D.
/// </summary>
[TestFixture]
[Quick]
internal sealed class WholeNetworkTests
{
    private const int Noise = 5, Pixels = 13, Batch = 6;

    private CpuDevice _device = null!;
    private Tensor _noise = null!, _real = null!;

    [SetUp]
    public void SetUp()
    {
        _device = new CpuDevice(1);
        _noise = new Tensor(_device, new Shape(Batch, Noise));
        _real = new Tensor(_device, new Shape(Batch, Pixels));
        RandomNumbers.Normal(new RandomStream(1, 10), 0, 1, _noise);
        RandomNumbers.Uniform(new RandomStream(1, 11), -1, 1, _real);
    }

    [TearDown]
    public void TearDown()
    {
        _noise.Dispose();
        _real.Dispose();
        _device.Dispose();
    }

    [Test]
    public void LossOfDOnReals() => Passes(Discriminator(), (d, tape) => d.Forward(tape.Constant(_real), Pass.Inference).BceWithLogits(1));

    [Test]
    public void LossOfDOnFakes()
    {
        var g = Generator(new LeakyRelu(0.2f));
        Passes(Discriminator(), (d, tape) =>
            d.Forward(tape.Constant(g.Forward(tape.Constant(_noise), Pass.Inference).Value), Pass.Inference).BceWithLogits(0));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void LossOfG(bool batchStatistics)
    {
        var d = Discriminator();
        Passes(Generator(new LeakyRelu(0.2f)), (g, tape) =>
            d.Forward(g.Forward(tape.Constant(_noise), new Pass(batchStatistics)), Pass.Inference).BceWithLogits(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void LossOfGTwice(bool batchStatistics)
    {
        Sequential d = Discriminator(), g = Generator(default(Tanh));
        var result = GradCheck.Second(_device, g.ParameterArray, Loss, samples: 12, tolerance: 5e-3);
        Assert.That(result.Passed, result.ToString());

        Var Loss(Tape tape) => d.Forward(g.Forward(tape.Constant(_noise), new Pass(batchStatistics)), Pass.Inference).BceWithLogits(1);
    }

    [Test]
    public void Penalty([Values("wgan_gp", "r1")] string penalty, [Values] bool smooth)
    {
        var make = Make(2);
        var d = smooth
            ? new Sequential(make.Linear(Pixels, 9, default(Tanh)), make.Linear(9, 7, default(Sigmoid)), make.Linear(7, 1))
            : new Sequential(make.Linear(Pixels, 9, new LeakyRelu(0.2f)), make.Linear(9, 7, new LeakyRelu(0.2f)), make.Linear(7, 1));
        Passes(d, (_, tape) => GoldenPenalties.Penalty(d, tape.Variable(_real), penalty));
    }

    [Test]
    public void APlantedErrorIsFound()
    {
        var d = Discriminator();
        var g = Generator(default(WrongRelu));
        var result = GradCheck.First(_device, g.ParameterArray, tape =>
            d.Forward(g.Forward(tape.Constant(_noise), new Pass(true)), Pass.Inference).BceWithLogits(1), samples: int.MaxValue);
        Assert.That(result.Worst, Is.GreaterThan(3), result.ToString());
    }

    private void Passes(Sequential network, Func<Sequential, Tape, Var> loss)
    {
        // Biases of 0 would hide a missing bias gradient's sign behind symmetric units; statistics of 0 and 1 would hide themselves.
        uint stream = 20;
        foreach (var parameter in network.Parameters.Concat(network.Statistics).Where(p => p.Value.Shape.Rank == 1))
            RandomNumbers.Uniform(new RandomStream(1, stream++), 0.5f, 1.5f, parameter.Value);
        var result = GradCheck.First(_device, network.ParameterArray, tape => loss(network, tape), samples: int.MaxValue);
        Assert.That(result.Passed, result.ToString());
        Assert.That(result.Checked, Is.EqualTo(network.TrainableCount));
    }

    private Sequential Generator<F>(F activation)
        where F : struct, IActivation
    {
        var make = Make(1);
        return new(
            make.Linear(Noise, 7, activation),
            make.BatchNorm(7, 0.8f),
            make.Linear(7, 9, activation),
            make.BatchNorm(9, 0.8f),
            make.Linear(9, 11, activation),
            make.BatchNorm(11, 0.8f),
            make.Linear(11, Pixels, default(Tanh)));
    }

    private Sequential Discriminator()
    {
        var make = Make(2);
        return new(make.Linear(Pixels, 9, new LeakyRelu(0.2f)), make.Linear(9, 7, new LeakyRelu(0.2f)), make.Linear(7, 1));
    }

    private LayerFactory Make(uint stream) => new(_device, Init.GlorotUniform, new RandomStream(5, stream));

    /// <summary>A LeakyReLU of slope 0.2 whose derivative says 0.3.</summary>
    private readonly record struct WrongRelu : IActivation
    {
        public V Forward<V>(V x)
            where V : struct, ILane<V> => V.IfPositive(x, x, V.Of(0.2f) * x);

        public V Backward<V>(V x, V y, V dy)
            where V : struct, ILane<V> => V.IfPositive(x, dy, V.Of(0.3f) * dy);
    }
}
