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
        foreach (var (n, c) in Sizes)
        {
            int blocks = _device.RentedBlocks;
            var want = Differentiated(row, Engine.Cpu.Device, n, c);
            var got = Differentiated(row, _device, n, c);
            foreach (var (name, numbers) in got)
                Numbers.AssertSame(numbers, want[name], $"[{n},{c}]: {name}");
            Assert.That(got.Keys, Is.EquivalentTo(want.Keys));
            Assert.That(_device.RentedBlocks, Is.EqualTo(blocks), "blocks still rented");
        }
    }

    [Test]
    public void AnErrorIsFound() => Assert.That(OtherBits([new("y", 1, 1.0000001f, 1)], [new("y", 1, 1, 1)]), Is.Not.Empty);

    /// <summary>Single, odd, and past a group's columns, slices of rows and tile. The kernels' own tests sweep the rest.</summary>
    private (int N, int C)[] Sizes => engine.Speed switch
    {
        Engine.Pace.Fast => [(1, 1), (3, 5), (7, 17), (2, 33), (33, 40)],
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

    private static IEnumerable<string> OtherBits(IEnumerable<FloatAndExact> here, IEnumerable<FloatAndExact> there) =>
        from pair in here.Zip(there)
        where !Numbers.Same(pair.First.Float, pair.Second.Float)
        select $"{pair.First.What} at {pair.First.X:R}: {pair.First.Float:R}, but {pair.Second.Float:R} on the processor";
}
