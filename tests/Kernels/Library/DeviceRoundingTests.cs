using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

internal sealed class DeviceRoundingTests
{
    /// <summary>Where ILGPU is told how to divide, and not to join, every device here rounds as the processor.</summary>
    [Test]
    public void DevicesRoundAsTheProcessor([ValueSource(typeof(Engine), nameof(Engine.All))] Engine engine) =>
        Assert.That(DeviceRounding.Difference(engine.Device), Is.Null);
}
