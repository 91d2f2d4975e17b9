using GanFromScratch.Kernels;
using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>
/// Random numbers on every engine are the processor's to the bit, those that go through a logarithm, a cosine and a quantile too; the
/// processor's are checked against their definition in <see cref="RandomNumbersTests"/>.
/// </summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class RandomNumbersOnEnginesTests(Engine engine)
{
    /// <summary>Around the 16 columns of a group of 64 numbers, the group, a launch's 256 threads of four numbers, and a prime.</summary>
    private static readonly int[] Lengths = [0, 1, 15, 16, 17, 47, 48, 49, 63, 64, 65, 1023, 1024, 1025, 4099];

    private static readonly Dictionary<string, Action<RandomStream, Tensor>> Kinds = new()
    {
        ["uniform"] = (random, y) => RandomNumbers.Uniform(random, -3, 5, y),
        ["normal"] = (random, y) => RandomNumbers.Normal(random, 2, 0.5f, y),
        ["truncated"] = (random, y) => RandomNumbers.TruncatedNormal(random, 0, 0.02f, y),
        ["mask"] = (random, y) => RandomNumbers.Mask(random, 0.7f, y),
    };

    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [TestCaseSource(nameof(KindNames))]
    public void AreTheProcessors(string kind)
    {
        foreach (int length in (int[])[.. Lengths, .. engine.IsFast ? [1_000_003] : Array.Empty<int>()])
            Compare(kind, new RandomStream(42, 7, 1000), new RandomStream(42, 7, 1000), length);
    }

    /// <summary>
    /// Words of the seed, the stream and the position that have their highest bits, and a carry from the position's lower word.
    /// </summary>
    [TestCaseSource(nameof(KindNames))]
    public void AreTheProcessorsFarFromZero(string kind)
    {
        foreach (ulong position in (ulong[])[0xffff_fff8, 0x8000_0000_0000_0000])
            Compare(kind, Far(position), Far(position), 515);
    }

    private static RandomStream Far(ulong position) => new(0xfedc_ba98_7654_3210, 0xffff_fff1, position);

    private static IEnumerable<string> KindNames() => Kinds.Keys;

    private void Compare(string kind, RandomStream here, RandomStream there, int length)
    {
        using var want = Numbers.Unwritten(Engine.Cpu.Device, length);
        using var got = Numbers.Unwritten(_device, length);
        Kinds[kind](here, want);
        Kinds[kind](there, got);
        Numbers.AssertSame(got.ToArray(), want.ToArray(), $"{length} numbers");
        Assert.That(there.Position, Is.EqualTo(here.Position));
    }
}
