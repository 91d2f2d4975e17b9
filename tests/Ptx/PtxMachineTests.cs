using System.Diagnostics;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Whole programs: blocks, barriers, shuffles, vectors, atomics.</summary>
public class PtxMachineTests
{
    [Test]
    public void TreeOfSumsWithBarriers()
    {
        const int Blocks = 3, Threads = 256;
        float[] x = [.. Enumerable.Range(0, Blocks * Threads).Select(i => (i * 7 % 31) - 15f)];
        var sums = new float[Blocks];
        PtxRunner.Run(PtxPrograms.TreeSum, "TreeSum", new GridSize(Blocks), Threads, x, sums);
        Assert.That(sums, Is.EqualTo(x.Chunk(Threads).Select(block => block.Sum())));
    }

    [Test]
    public void ShufflesGiveTheValuesOfOtherLanes()
    {
        const int Threads = 64;
        var got = new uint[8 * Threads];
        PtxRunner.Run(PtxPrograms.Shuffles, "Shuffles", new GridSize(1), Threads, got);
        for (int t = 0; t < Threads; t++)
        {
            int lane = t % 32, warp = 100 + t - lane;
            int[] expected =
            [
                warp + (lane ^ 16),
                warp + (lane + 5 < 32 ? lane + 5 : lane),
                warp + 7,
                warp + 31 - lane,
                warp + (lane % 8 < 5 ? lane + 3 : lane),
                lane % 8 < 5 ? 1 : 0,
                warp + (lane >= 2 ? lane - 2 : lane),
                lane,
            ];
            Assert.That(got[(8 * t)..((8 * t) + 8)], Is.EqualTo(expected), $"thread {t}");
        }
    }

    [Test]
    public void VectorsOfFourGoThroughEveryMemory()
    {
        const int Threads = 33;
        float[] x = [.. Enumerable.Range(0, 4 * Threads).Select(i => i + 0.5f)];
        var got = new float[4 * Threads];
        PtxRunner.Run(PtxPrograms.Vectors, "Vectors", new GridSize(1), Threads, x, got);
        Assert.That(got, Is.EqualTo(x.Chunk(4).SelectMany(four => four.Reverse())));
    }

    [Test]
    public void AtomicsOfAllThreadsAddUp()
    {
        const int Threads = 40;
        uint[] got = [0, 5, 5, 20, 20, 0xFFFFFFFF, 0, 0, 77, 0, 0];
        PtxRunner.Run(PtxPrograms.Atomics, "Atomics", new GridSize(1), Threads, got);
        uint[] expected =
        [
            Threads * Threads, // every thread adds the count
            unchecked((uint)-10), // least of -10 .. 29
            29,
            0, // without signs, least of all but -10 .. -1
            uint.MaxValue,
            0,
            63,
            Enumerable.Range(0, Threads).Aggregate(0u, (a, b) => a ^ (uint)b),
            Threads - 1,
            unchecked((uint)-10), // thread 0 found its 0 there
            (uint)Enumerable.Range(0, Threads).Sum(t => t - 10),
        ];
        Assert.That(got, Is.EqualTo(expected));
    }

    [Test]
    public void OperandsAreWhatTheyAreWrittenAs()
    {
        var got = new uint[16];
        PtxRunner.Run(PtxPrograms.Operands, "Operands", new GridSize(5, 3, 2), 1, got, 0.25f, 99, 0x1122334455667788ul);
        uint[] expected =
        [
            uint.MaxValue, 0x3F800000, 0xBF000000, 0xBF000000, 0x3E800000, 99, 0x55667788, 0x11223344,
            0x9ABCDEF0, 0x12345678, 7, 0x12345678, 48, 1, 50302, 40201, // the last block's number
        ];
        Assert.That(got, Is.EqualTo(expected));
    }

    [Test]
    public void MillionsOfInstructionsTakeSeconds()
    {
        const int Threads = 64, Rounds = 50_000;
        var x = new float[Threads];
        var watch = Stopwatch.StartNew();
        PtxRunner.Run(PtxPrograms.Loop, "Loop", new GridSize(1), Threads, x, Rounds);
        double seconds = watch.Elapsed.TotalSeconds;
        TestContext.Out.WriteLine($"{6.0 * Threads * Rounds / seconds / 1e6:F0} million instructions a second");
        Assert.That(x, Is.All.EqualTo(0f));
        Assert.That(seconds, Is.LessThan(20));
    }
}
