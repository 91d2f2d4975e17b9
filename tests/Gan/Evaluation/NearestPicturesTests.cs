using GanFromScratch.Gan.Evaluation;
using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
public sealed class NearestPicturesTests
{
    [Test]
    public void TheNearestComeFirstAndEqualOnesInTheirOrder()
    {
        var shape = new PictureShape(1, 2, 1);
        var among = new ImageBytes(shape, new byte[] { 0, 0, 255, 255, 10, 14, 20, 24, 10, 10 });
        var nearest = NearestPictures.Of(new byte[] { 10, 10 }, among, 4, threads: 2);
        Assert.That(nearest.Indices, Is.EqualTo(new[] { 4, 2, 0, 3 }));
        Assert.That(nearest.Distances, Is.EqualTo(new[] { 0, Math.Sqrt(8), 10, Math.Sqrt((100 + 196) / 2.0) }).Within(1e-12));
        Assert.That(
            NearestPictures.Of(new byte[] { 5, 5 }, among with { Pixels = new byte[] { 0, 5, 5, 0, 5, 10 } }, 3, 2).Indices,
            Is.EqualTo(new[] { 0, 1, 2 }));
        var grid = NearestPictures.Grid(new ImageBytes(shape, new byte[] { 10, 10 }), among, [nearest]);
        Assert.That((grid.Width, grid.Height), Is.EqualTo((2 + (5 * 6), 2 + 4)));
        Assert.That(new[] { 2, 8, 14, 20, 26 }.Select(x => grid.Row(2)[x]), Is.EqualTo(new byte[] { 10, 10, 10, 0, 20 }));
    }
}
