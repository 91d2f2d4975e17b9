using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Threads that work together, on every engine.</summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class GroupKernelTests(Engine engine)
{
    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void TransposesThroughSharedMemory()
    {
        const int Rows = 37, Columns = 20, Side = GroupKernels.Side;
        float[] numbers = [.. Enumerable.Range(0, Rows * Columns).Select(i => i * 0.5f)];
        using Words<float> x = new(_device, numbers), y = new(_device, new float[numbers.Length]);
        var grid = new GridSize((Columns + Side - 1) / Side, (Rows + Side - 1) / Side);
        Launcher.Groups(_device, grid, Side * Side, GroupKernels.Transpose, new GroupKernels.Transposition(x.View, y.View, Rows, Columns));
        Assert.That(y.ToArray(), Is.EqualTo(Enumerable.Range(0, numbers.Length).Select(i => numbers[(i % Rows * Columns) + (i / Rows)])));
    }

    [Test]
    public void SumsAsATree()
    {
        const int Threads = 64, Groups = 3;
        int[] numbers = [.. Enumerable.Range(0, Groups * Threads).Select(i => (i * 1_234_567_891) ^ i)];
        using Words<int> x = new(_device, numbers), greatest = new(_device, new int[Groups]);
        using Words<long> sums = new(_device, new long[Groups]);
        Launcher.Groups(_device, new GridSize(Groups), Threads, GroupKernels.Tree, new GroupKernels.Trees(x.View, sums.View, greatest.View));
        Assert.That(sums.ToArray(), Is.EqualTo(numbers.Chunk(Threads).Select(group => group.Sum(n => (long)n))));
        Assert.That(greatest.ToArray(), Is.EqualTo(numbers.Chunk(Threads).Select(group => group.Max())));
    }

    [Test]
    public void KnowsThePlaceInTheGrid()
    {
        const int Threads = 8;
        using Words<uint> y = new(_device, new uint[4 * 3 * 2 * Threads]);
        Launcher.Groups(_device, new GridSize(4, 3, 2), Threads, GroupKernels.Place, new GroupKernels.Places(y.View));
        var expected = from z in Enumerable.Range(0, 2)
                       from row in Enumerable.Range(0, 3)
                       from x in Enumerable.Range(0, 4)
                       from t in Enumerable.Range(0, Threads)
                       select (432u << 16) + (uint)((x * 1000) + (row * 100) + (z * 10) + t);
        Assert.That(y.ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public void ReadsAndWritesFours()
    {
        const int Fours = 37;
        float[] numbers = [.. Enumerable.Range(0, 4 * Fours).Select(i => MathF.Sin(i) * 10)];
        using Words<float> x = new(_device, numbers), y = new(_device, new float[numbers.Length]);
        using Words<int> bits = new(_device, new int[Fours]);
        Launcher.ForEach(_device, Fours, GroupKernels.Vectors, x.View, y.View, bits.View);
        float[] found = y.ToArray();
        int[] foundBits = bits.ToArray();
        int Bits(int i) => BitConverter.SingleToInt32Bits(numbers[i]);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < Fours; i++)
            {
                int other = 4 * (Fours - 1 - i);
                float[] four = [numbers[4 * i] + numbers[other + 3], numbers[(4 * i) + 1], numbers[other + 2], numbers[(4 * i) + 3] * numbers[other]];
                Assert.That(found[(4 * i)..((4 * i) + 4)], Is.EqualTo(four), $"four {i}");
                Assert.That(foundBits[i], Is.EqualTo(Bits((4 * (i / 2)) + 1) + Bits(i) + Bits((2 * i) + 1) + 4 + 2), $"bits {i}");
            }
        });
    }

    [Test]
    public void SharesFours()
    {
        float[] numbers = [.. Enumerable.Range(0, 128).Select(i => i * 0.25f)];
        using Words<float> x = new(_device, numbers), y = new(_device, new float[128]);
        Launcher.Groups(_device, new GridSize(1), 32, GroupKernels.SharedVectors, new GroupKernels.TwoViews(x.View, y.View));
        Assert.That(y.ToArray(), Is.EqualTo(Enumerable.Range(0, 128).Select(i =>
        {
            int other = 31 - (i / 4);
            return numbers[(4 * other) + (i % 4)] + other + (2 * (other + 3));
        })));
    }

    [Test]
    public void AtomicsCountEveryThread()
    {
        const int Threads = 64, Groups = 5, Salt = 3;
        using Words<int> y = new(_device, [0, int.MinValue, int.MaxValue, -1, 0, 0, 0, int.MinValue]);
        using Words<uint> u = new(_device, [4_000_000_000]);
        Launcher.Groups(_device, new GridSize(Groups), Threads, GroupKernels.Atomics, new GroupKernels.Counters(y.View, u.View, Salt));
        int[] values = [.. Enumerable.Range(0, Groups * Threads).Select(i => (i * 37 % 101) - 50 + Salt)];
        int bits = values.Aggregate(0, (all, value) => all | (1 << (value & 31)));
        int odd = values.Aggregate((all, value) => all ^ value);
        int[] expected = [values.Sum(), values.Max(), values.Min(), ~bits, bits, odd, values.Sum(), Math.Max(0, values.Max())];
        Assert.That(y.ToArray(), Is.EqualTo(expected));
        Assert.That(u.ToArray()[0], Is.EqualTo(unchecked(4_000_000_000 + (uint)values.Sum())));
    }

    [Test]
    public void AtomicsGiveWhatWasThere()
    {
        int[] before = [10, 20, 30, 0x1234, 0x2345, 0x3456, 60, 7, 0, 0, 0, 0, 0, 0, 0, 0];
        using Words<int> y = new(_device, before);
        using Words<uint> u = new(_device, [3, 0]);
        Launcher.ForEach(_device, 1, GroupKernels.AtomicResults, y.View, u.View);
        int[] expected =
        [
            15, 1000, -3, 0x0204, 0x2345 | 0x1111, 0x3456 ^ 0x0ff0, 99, 70,
            10, 40, 27, 0x1234, 0x2345, 0x3456, 60, 14 + 70,
        ];
        Assert.That(y.ToArray(), Is.EqualTo(expected));
        Assert.That(u.ToArray(), Is.EqualTo(new uint[] { 2, 3 }));
    }

    [Test]
    public void ShufflesWithinAWarp()
    {
        const int Threads = 64;
        float[] numbers = [.. Enumerable.Range(0, Threads).Select(i => i * i % 17f)];
        using Words<float> x = new(_device, numbers), y = new(_device, new float[Threads]);
        void Run() => Launcher.Groups(_device, new GridSize(1), Threads, GroupKernels.Shuffles, new GroupKernels.TwoViews(x.View, y.View));
        if (engine == Engine.OpenCl)
        {
            Assert.That(Run, Throws.Exception.With.Message.Contains("OpenCL 1.2 has no warps"));
            return;
        }
        Run();
        Assert.That(y.ToArray(), Is.EqualTo(Enumerable.Range(0, Threads).Select(i =>
        {
            int lane = i % 32, warp = i - lane;
            float down = numbers[lane + 3 < 32 ? i + 3 : i];
            return (numbers.Skip(warp).Take(32).Sum() * 1000) + (down * 100) + (numbers[warp + 5] * 10) + numbers[warp + 31 - lane];
        })));
    }

    [Test]
    public void TakesArgumentsOfAllKinds([Values] bool flag)
    {
        using Words<long> y = new(_device, new long[3]), more = new(_device, [1L << 50, 2, 3]);
        var inner = new GroupKernels.Inner('x', IntegerConstructs.Colour.Blue, 1ul << 60, 0.125f);
        var mixed = new GroupKernels.Mixed(flag, -300, 200, -100, -(1L << 45), more.View, 2.5f, 60_000, inner);
        Launcher.ForEach(_device, 3, GroupKernels.Arguments, y.View, mixed, 7L, 0.25f);
        long sum = 7 - 300 + 200 - 100 + 60_000 + 'x' + 255 - (1L << 45) + (1L << 60) + 25 + 25 + 125;
        Assert.That(y.ToArray(), Is.EqualTo(flag ? [sum + (1L << 50), sum + 2, sum + 3] : new long[] { -1, -1, -1 }));
    }
}
