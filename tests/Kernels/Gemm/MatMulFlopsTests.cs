using GanFromScratch.Autograd;
using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>A device counts 2·M·N·K operations for each product, whatever its form and epilogue.</summary>
[TestFixture]
internal sealed class MatMulFlopsTests
{
    private const int M = 5, K = 7, N = 6;

    [Test]
    public void EveryDoorCountsItsProduct([ValueSource(typeof(Engine), nameof(Engine.All))] Engine engine)
    {
        using var device = engine.Open();
        using Tensor x = Numbers.Some(device, new Shape(M, K), 1), w = Numbers.Some(device, new Shape(K, N), 2);
        using var bias = Numbers.Some(device, new Shape(N), 3);
        using Tensor y = Numbers.Some(device, new Shape(M, N), 4), dx = new(device, x.Shape), dw = Tensor.Filled(device, w.Shape, 0);
        AssertCounts(2 * M * K * N, () => MatMul.Run(x, false, w, false, y));
        AssertCounts(2 * M * K * N, () => MatMul.Run(y, false, w, true, dx));
        AssertCounts(2 * M * K * N, () => MatMul.Run(x, true, y, false, dw));
        AssertCounts(2 * M * K * N, () => MatMul.Accumulate(x, true, y, false, dw));
        AssertCounts(2 * M * K * N, () => MatMul.Linear(x, w, bias, default(Tanh), y));
        AssertCounts(2 * M * K * N, () => MatMul.Backward(y, w, true, default(Tanh), x, dx));
        AssertCounts(0, () => Numbers.AssertRefused(() => MatMul.Run(x, false, y, false, y), "MatMul"));

        void AssertCounts(long flops, Action run)
        {
            long before = device.MatMulFlops;
            run();
            Assert.That(device.MatMulFlops - before, Is.EqualTo(flops));
        }
    }

    [Test]
    public void AFusedUpdateCountsEveryShareOfItsGradient([Values(1, 2)] int threads)
    {
        using var device = new CpuDevice(threads);
        using Tensor x = Numbers.Some(device, new Shape(M, K), 1), dy = Numbers.Some(device, new Shape(M, N), 2);
        using Tensor otherX = Numbers.Some(device, new Shape(3, K), 3), otherDy = Numbers.Some(device, new Shape(3, N), 4);
        using Tensor w = Numbers.Some(device, new Shape(K, N), 5), mean = Tensor.Filled(device, w.Shape, 0);
        using Tensor square = Tensor.Filled(device, w.Shape, 1), faults = Tensor.Filled(device, new Shape(1), 0);
        AdamStep.Run([new(w, null, mean, square, new(x, dy, new(otherX, otherDy)))], AdamStepTests.Third, faults);
        Assert.That(device.MatMulFlops, Is.EqualTo(2 * (M + 3) * K * N));
    }
}
