using GanFromScratch.Gan.Images;
using NUnit.Framework;

namespace GanFromScratch.Tests;

[Quick]
internal sealed class NumberStripTests
{
    [Test]
    public void DigitsStandBelowThePicture()
    {
        var strip = NumberStrip.Below(Pictures.Constant(44, 3, 1, 7), 1234567890, 1234567890);
        string[] rows = [.. Enumerable.Range(0, strip.Height).Select(y => string.Concat(strip.Row(y).ToArray().Select(Sign)))];
        Assert.That(rows, Is.EqualTo(new[]
        {
            new string('7', 44), new string('7', 44), new string('7', 44), new string(' ', 44),
            "  #  ### ### # # ### ### ### ### ### ###    ",
            " ##    #   # # # #   #     # # # # # # #    ",
            "  #  ### ### ### ### ###   # ### ### # #    ",
            "  #  #     #   #   # # #   # # #   # # #    ",
            " ### ### ###   # ### ###   # ### ### ###    ",
            new string(' ', 44),
        }));

        static char Sign(byte value) => value switch
        {
            7 => '7',
            64 => ' ',
            _ => '#',
        };
    }

    /// <summary>All pictures of a width get a strip of the largest number's size; it grows with the width, and never beyond it.</summary>
    [TestCase(292, 3, 21)]
    [TestCase(1000, 3, 28)]
    [TestCase(60, 3, 7)]
    [TestCase(292, 2_000_000_000, 21)]
    [TestCase(5, 2_000_000_000, 7)]
    public void TheWidthDecidesTheSize(int width, int most, int height)
    {
        foreach (int channels in (int[])[1, 3])
        {
            var picture = Pictures.Noise(width, 10, channels, 1);
            var strip = NumberStrip.Below(picture, 3, most);
            Assert.That((strip.Width, strip.Height, strip.Channels), Is.EqualTo((width, 10 + height, channels)));
            Assert.That(strip.Pixels[..picture.Pixels.Length].SequenceEqual(picture.Pixels), Is.True);
            Assert.That(strip.Pixels[picture.Pixels.Length..].ToArray().Distinct(), Is.EquivalentTo(new byte[] { 64, 255 }));
        }
    }
}
