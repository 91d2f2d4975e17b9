using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Tests of the program on a stand-in for NVIDIA's driver, each with its own.</summary>
internal abstract class OnStandInCuda
{
    /// <summary>The driver, and the folder that the program runs in.</summary>
    protected StandInCuda Cuda { get; private set; } = null!;

    [SetUp]
    public void SetUp() => Cuda = new StandInCuda();

    [TearDown]
    public void TearDown() => Cuda?.Dispose();
}
