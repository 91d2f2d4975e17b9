using GanFromScratch.Tensors;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>What the environment says to devices.</summary>
[TestFixture]
[Quick]
internal sealed class DeviceSettingsTests
{
    [TestCase(null, null)]
    [TestCase("", null)]
    [TestCase("1", null)]
    [TestCase("0", false)]
    public void GraphsAndMeasuredKernelsCanBeSwitchedOff(string? value, bool? setting)
    {
        Assert.That(From("GAN_CUDA_GRAPHS", value).ReplaysWork, Is.EqualTo(setting));
        Assert.That(From("GAN_TUNE", value).PicksKernels, Is.EqualTo(setting));
        Assert.That((From("GAN_TUNE", "0").ReplaysWork, From("GAN_CUDA_GRAPHS", "0").PicksKernels), Is.EqualTo(((bool?)null, (bool?)null)));
    }

    [TestCase(null, 0)]
    [TestCase("2", 2)]
    [TestCase("much", 0)]
    [TestCase("-1", 0)]
    public void DebuggingHasALevel(string? value, int level) => Assert.That(From("GAN_DEBUG", value).DebugLevel, Is.EqualTo(level));

    private static DeviceSettings From(string name, string? value) =>
        DeviceSettings.From(variable => variable == name ? value : null, TextWriter.Null);
}
