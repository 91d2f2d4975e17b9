using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Elementwise kernels against a loop on the host, on every engine. A formula is multiply-adds, quotients and roots, each rounded once
/// wherever it runs, so the bits are the same.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.All))]
internal sealed class ElementwiseOnEnginesTests(Engine engine)
{
    /// <summary>Nothing, one, around a group of 256 threads, and a prime.</summary>
    private static readonly int[] Lengths = [0, 1, 255, 256, 257, 1021];

    private static readonly (int Rows, int Columns)[] Matrices = [(0, 5), (5, 0), (1, 1), (1, 257), (5, 51), (2, 128), (7, 37), (257, 1)];

    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void MapIsTheFormulaOfEachElement([ValueSource(nameof(Lengths))] int length) => CheckMap(Numbers.Some(length, seed: 1));

    [Test]
    public void MapOfNumbersAtTheEndsOfTheirRange() => CheckMap(Sweep.Special);

    [Test]
    public void MapBackwardIsTheDerivativeTimesDy([ValueSource(nameof(Lengths))] int length) =>
        ElementwiseTests.CheckMapBackward(_device, length);

    [Test]
    public void MapSecondDerivativeIsTheSecondDerivative([ValueSource(nameof(Lengths))] int length) =>
        ElementwiseTests.CheckMapSecondDerivative(_device, length);

    [Test]
    public void ZipIsTheFormulaOfEachPair([ValueSource(nameof(Lengths))] int length) =>
        ElementwiseTests.CheckZip(_device, length);

    [Test]
    public void ZipRowMeetsEachRowWithTheSameOne([ValueSource(nameof(Matrices))] (int Rows, int Columns) size) =>
        ElementwiseTests.CheckZipRow(_device, size);

    [Test]
    public void TheResultMayStandInTheArgumentsPlace()
    {
        float[] numbers = Numbers.Some(1021, seed: 1);
        using var x = Tensor.From(_device, new Shape(1021), numbers);
        Elementwise.Map(new Everything(), x, x);
        Numbers.AssertSame(x.ToArray(), Array.ConvertAll(numbers, v => new Everything().Forward(new Scalar(v)).Value), "in place");
    }

    private void CheckMap(float[] numbers)
    {
        using var x = Tensor.From(_device, new Shape(numbers.Length), numbers);
        using var y = Numbers.Unwritten(_device, numbers.Length);
        Elementwise.Map(new Everything(), x, y);
        Numbers.AssertSame(y.ToArray(), Array.ConvertAll(numbers, v => new Everything().Forward(new Scalar(v)).Value), "Map");
    }
}
