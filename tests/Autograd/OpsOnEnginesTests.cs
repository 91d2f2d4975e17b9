using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Every row of the table of ops on every engine that runs kernels. Formulas are as near to double as on the processor, and give its
/// bits. Ops with a structure give the processor's outputs, gradients and second gradients, which <see cref="GradCheckTests"/> checks
/// against central differences.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class OpsOnEnginesTests(Engine engine)
{
    /// <summary>
    /// Only sums differ from the processor's, in the order of at most 33 · 40 terms. What that does, as a share of the larger of an
    /// element and its tensor's root mean square, was measured over all rows, engines and sizes: at most 7e-6, where a batch of three
    /// samples is normalised, and 2e-6 elsewhere.
    /// </summary>
    private const double Tolerance = 2e-5;

    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [TestCaseSource(typeof(OpTable), nameof(OpTable.Formulas))]
    public void FormulasAreNearDoublesAndTheProcessors(FormulaRow row)
    {
        FloatAndExact[] here = [.. row.FloatSweep(_device)];
        Assert.That(FormulaTests.FarFromExact(here, row.Ulps, row.Size), Is.Empty);
        Assert.That(OtherBits(here, row.FloatSweep(Engine.Cpu.Device)), Is.Empty);
    }

    [TestCaseSource(typeof(OpTable), nameof(OpTable.Zips))]
    public void FunctionsOfTwoNumbersAreRoundedOnce(ZipRow row)
    {
        FloatAndExact[] here = [.. row.FloatSweep(_device)];
        Assert.That(FormulaTests.FarFromExact(here, 0.5, 0), Is.Empty);
        Assert.That(OtherBits(here, row.FloatSweep(Engine.Cpu.Device)), Is.Empty);
    }

    [TestCaseSource(typeof(OpTable), nameof(OpTable.Structured))]
    public void OpsGiveTheProcessorsNumbers(StructuredRow row)
    {
        double worst = 0;
        foreach (var (n, c) in Sizes)
        {
            int blocks = _device.RentedBlocks;
            var want = Differentiated(row, Engine.Cpu.Device, n, c);
            var got = Differentiated(row, _device, n, c);
            foreach (var (name, numbers) in got)
            {
                double stray = Stray(numbers, want[name]);
                Assert.That(stray, Is.LessThanOrEqualTo(Tolerance), $"[{n},{c}]: {name}");
                worst = Math.Max(worst, stray);
            }
            Assert.That(got.Keys, Is.EquivalentTo(want.Keys));
            Assert.That(_device.RentedBlocks, Is.EqualTo(blocks), "blocks still rented");
        }
        TestContext.Out.WriteLine($"{row}: {worst:e1} of an element's or its tensor's size");
    }

    [Test]
    public void AnErrorIsFound()
    {
        float[] want = [1, -2, 3, 0];
        Assert.Multiple(() =>
        {
            Assert.That(Stray([1, -2, 3, 0], want), Is.Zero);
            Assert.That(Stray([1, -2.0001f, 3, 0], want), Is.GreaterThan(Tolerance));
            Assert.That(Stray([1, -2, 3, 1e-4f], want), Is.GreaterThan(Tolerance));
            Assert.That(Stray([1, float.NaN, 3, 0], want), Is.GreaterThan(Tolerance));
            Assert.That(OtherBits([new("y", 1, 1.0000001f, 1)], [new("y", 1, 1, 1)]), Is.Not.Empty);
        });
    }

    /// <summary>Single, odd, and past a group's columns, slices of rows and tile. The kernels' own tests sweep the rest.</summary>
    private (int N, int C)[] Sizes => engine.Speed switch
    {
        Engine.Pace.Fast => [(1, 1), (3, 5), (7, 17), (2, 33), (33, 40)],
        Engine.Pace.Slow => [(1, 1), (3, 5), (33, 9)],
        _ => [(3, 9)],
    };

    /// <summary>The output, the gradients of its weighted squares, and those of the first gradient's squares.</summary>
    private Dictionary<string, float[]> Differentiated(StructuredRow row, Device device, int n, int c)
    {
        var inputs = row.Inputs(device, n, c);
        try
        {
            using var tape = new Tape(device);
            var y = row.On(tape, inputs);
            var numbers = new Dictionary<string, float[]> { ["y"] = y.Value.ToArray() };
            bool twice = engine.Speed != Engine.Pace.Slow;
            // Weights of their own: the plain squares of what a batch normalisation gives have gradients of 0 but for rounding.
            using var weights = new Tensor(device, y.Shape);
            RandomNumbers.Uniform(new RandomStream(9, 0), 0.5f, 1.5f, weights);
            var first = tape.Gradients(y.Square().Multiply(tape.Constant(weights)).Sum(), inputs, differentiable: twice);
            foreach (var input in inputs)
                numbers[$"gradient of {input.Name}"] = first[input].Value.ToArray();
            if (!twice)
                return numbers;
            var second = tape.Gradients(first[inputs[0]].Square().Sum(), inputs);
            foreach (var input in inputs)
                numbers[$"second gradient of {input.Name}"] = second[input].Value.ToArray();
            return numbers;
        }
        finally
        {
            foreach (var input in inputs)
                input.Value.Dispose();
        }
    }

    /// <summary>The largest difference, as a share of the larger of the element and the root mean square.</summary>
    private static double Stray(float[] got, float[] want)
    {
        Assert.That(got, Has.Length.EqualTo(want.Length));
        double size = Math.Sqrt(want.Sum(v => (double)v * v) / Math.Max(1, want.Length)), worst = 0;
        for (int i = 0; i < want.Length; i++)
        {
            double difference = Math.Abs((double)got[i] - want[i]);
            double stray = difference == 0 ? 0 : difference / Math.Max(Math.Abs(want[i]), size);
            worst = double.IsNaN(stray) ? double.PositiveInfinity : Math.Max(worst, stray);
        }
        return worst;
    }

    private static IEnumerable<string> OtherBits(IEnumerable<FloatAndExact> here, IEnumerable<FloatAndExact> there) =>
        from pair in here.Zip(there)
        where !Numbers.Same(pair.First.Float, pair.Second.Float)
        select $"{pair.First.What} at {pair.First.X:R}: {pair.First.Float:R}, but {pair.Second.Float:R} on the processor";
}
