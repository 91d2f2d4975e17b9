using GanFromScratch.Kernels;
using NUnit.Framework;

namespace GanFromScratch.Tests;

/// <summary>Which tiles are measured for a product: one at least, and none that leaves a GPU without work or drowns it in groups.</summary>
[TestFixture]
internal sealed class TileChoiceTests
{
    [TestCase(128, 256, "Middle Small Fine Tiny")]
    [TestCase(128, 1024, "Large Middle Small Fine Tiny")]
    [TestCase(128, 1, "Small Fine Tiny")]
    [TestCase(1, 1, "Large Middle Small Fine Tiny")]
    [TestCase(32, 32, "Tiny")]
    [TestCase(2048, 2048, "Large Middle Small Fine")]
    [TestCase(16384, 16384, "Large")]
    public void TilesWithSomeGroupsAreTried(int m, int n, string tried) => Assert.That(
        TileChoice.Plain.Where(kind => TileChoice.IsWorthTrying(kind, TileChoice.Plain, m, n)),
        Is.EqualTo(tried.Split(' ').Select(Enum.Parse<TileKind>)));

    [Test]
    public void AmongFewTilesOneIsTried([Values(1, 16, 33, 100)] int m, [Values(1, 16, 33)] int n) => Assert.That(
        new[] { TileKind.LargeTf32, TileKind.FineTf32 }.Where(kind =>
            TileChoice.IsWorthTrying(kind, [TileKind.LargeTf32, TileKind.FineTf32], m, n)),
        Is.Not.Empty);
}
