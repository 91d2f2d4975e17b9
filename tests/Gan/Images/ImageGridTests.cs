using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
internal sealed class ImageGridTests
{
    private const byte Ground = 64;

    [Test]
    public void EveryPixelIsWhereTheNaiveRuleSays([Values(1, 3)] int channels, [Values(0, 1, 3)] int gap, [Values(1, 2, 3)] int zoom)
    {
        const int Rows = 2, Columns = 3, Width = 4, Height = 5, Count = 5;
        var shape = new PictureShape(Height, Width, channels);
        var pictures = new byte[Count * shape.Length];
        new Random(1).NextBytes(pictures);

        var grid = ImageGrid.Compose(pictures, shape, Rows, Columns, gap, zoom);

        Assert.That(grid.Width, Is.EqualTo(gap + Columns * (Width * zoom + gap)));
        Assert.That(grid.Height, Is.EqualTo(gap + Rows * (Height * zoom + gap)));
        Assert.That(grid.Channels, Is.EqualTo(channels));
        for (int y = 0; y < grid.Height; y++)
        {
            for (int x = 0; x < grid.Width; x++)
            {
                for (int c = 0; c < channels; c++)
                {
                    byte actual = grid.Row(y)[x * channels + c];
                    Assert.That(actual, Is.EqualTo(Expected(x, y, c)), $"x {x}, y {y}, channel {c}");
                }
            }
        }

        byte Expected(int x, int y, int c)
        {
            var (column, inX) = Math.DivRem(x - gap, Width * zoom + gap);
            var (row, inY) = Math.DivRem(y - gap, Height * zoom + gap);
            int n = row * Columns + column;
            if (x < gap || y < gap || inX >= Width * zoom || inY >= Height * zoom || n >= Count)
                return Ground;
            int px = inX / zoom, py = inY / zoom;
            return pictures[n * shape.Length + (py * Width + px) * channels + c];
        }
    }

    [TestCase(-1f, 1f)]
    [TestCase(0f, 1f)]
    public void BytesScaledToTheRangeComeBack(float low, float high)
    {
        var values = Enumerable.Range(0, 256).Select(b => low + (high - low) * b / 255f).ToArray();
        var image = ImageGrid.Compose(values, new PictureShape(16, 16, 1), low, high, 1, 1, gap: 0, zoom: 1);
        Assert.That(image.Pixels.ToArray(), Is.EqualTo(Enumerable.Range(0, 256).Select(b => (byte)b)));
    }

    [Test]
    public void NanIsBlackAndWhatIsOutsideIsClamped()
    {
        float[] values = [float.NaN, float.NegativeInfinity, float.PositiveInfinity, -1.5f, 1.5f, 0];
        var image = ImageGrid.Compose(values, new PictureShape(1, 6, 1), -1, 1, 1, 1, gap: 0, zoom: 1);
        Assert.That(image.Pixels.ToArray(), Is.EqualTo(new byte[] { 0, 0, 255, 0, 255, 128 }));
    }

    [Test]
    public void SixteenDigitsAreAPleasantGrid()
    {
        var image = ImageGrid.Compose(new float[16 * 784], new PictureShape(28, 28, 1), -1, 1, 4, 4);
        Assert.That((image.Width, image.Height), Is.EqualTo((234, 234)));
    }

    [Test]
    public void SizesThatDontGoTogetherAreRefused()
    {
        var shape = new PictureShape(2, 2, 1);
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(new byte[9], shape, 3, 3));
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(new byte[8], shape, 1, 1));
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(new byte[8], shape, 2, 0));
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(new byte[8], shape, 2, 1, gap: -1));
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(new byte[8], shape, 2, 1, zoom: 0));
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(new byte[8], new PictureShape(2, 2, 2), 1, 1));
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(new float[4], shape, 1, 1, 1, 1));
        Assert.Throws<ArgumentException>(() => ImageGrid.Compose(new float[4], shape, float.NaN, 1, 1, 1));
        Assert.Throws<ArgumentException>(() => _ = new Image(2, 2, 1, new byte[5]));
        Assert.Throws<ArgumentException>(() => _ = new Image(0, 2, 1, []));
        Assert.Throws<ArgumentException>(() => _ = new Image(1, 1, 4, new byte[4]));
    }
}
