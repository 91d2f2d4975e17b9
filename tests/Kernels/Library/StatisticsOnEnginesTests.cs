using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Batch normalisation and Adam on every engine: the same checks, against the same loops, as on the processor.</summary>
[TestFixtureSource(typeof(Engine), nameof(Engine.WithKernels))]
internal sealed class StatisticsOnEnginesTests(Engine engine)
{
    private Device _device = null!;

    [OneTimeSetUp]
    public void Open() => _device = engine.Device;

    [Test]
    public void BatchNormForward()
    {
        foreach (var (n, c) in Sizes)
        {
            using var t = new BatchNormTests.Tensors(_device, n, c);
            BatchNormTests.CheckForward(t, n, c);
        }
    }

    [Test]
    public void BatchNormBackward()
    {
        foreach (var (n, c) in Sizes)
        {
            using var t = new BatchNormTests.Tensors(_device, n, c);
            BatchNormTests.CheckBackward(t, n, c);
        }
    }

    [Test]
    public void BatchNormOfALargeMean()
    {
        using var t = new BatchNormTests.Tensors(_device, 128, 17);
        BatchNormTests.CheckLargeMean(t, 128, 17);
    }

    [Test]
    public void BatchNormInference([Values(0, 1, 7)] int n, [Values(1, 17, 37, 256)] int c)
    {
        using var t = new BatchNormTests.Tensors(_device, n, c);
        BatchNormTests.CheckInference(t, c);
    }

    [Test]
    public void BatchNormStatisticsMove([Values(1, 255, 256, 257)] int c) => BatchNormTests.CheckStatistics(_device, c);

    /// <summary>Slots whose ends fall within, at and past a chunk, empty ones among them, and at both ends.</summary>
    [Test]
    public void AdamUpdatesEverySlotOnce() => AdamStepTests.CheckSlots(_device, [0, 1, 17, 0, 255, 256, 257, 2047, 2048, 2049, 4097, 0]);

    /// <summary>As many as one launch takes, one more, and three launches' worth.</summary>
    [Test]
    public void AdamUpdatesMoreParametersThanALaunchTakes([Values(16, 17, 35)] int slots) =>
        AdamStepTests.CheckSlots(_device, [.. Enumerable.Range(0, slots).Select(i => (i % 5 * 37) + 1)]);

    /// <summary>Ninety slots, in six launches.</summary>
    [Test]
    public void AdamMarksFaults() => AdamStepTests.CheckFaults(_device);

    [Test]
    public void AdamOfNothingIsNoWork() => AdamStepTests.CheckSlots(_device, [0, 0]);

    /// <summary>A lone sample, and around the 32 slices of rows by eight columns that a group has; more where they take no time.</summary>
    private (int N, int C)[] Sizes => engine.Speed switch
    {
        Engine.Pace.Fast => [(1, 1), (1, 17), (2, 15), (31, 7), (32, 8), (33, 9), (65, 17), (128, 131), (1023, 19), (19, 1023)],
        Engine.Pace.Slow => [(1, 1), (1, 17), (2, 15), (31, 7), (32, 8), (33, 9), (65, 17), (128, 131)],
        _ => [(1, 1), (32, 8), (65, 9)],
    };
}
