using Spectre.Console;
using Spectre.Console.Rendering;

namespace GanFromScratch.Gan.Terminal;

/// <summary>A picture of colours, [height, width, 3], for a terminal.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Pixels">Red, green and blue of each pixel.</param>
internal sealed record TerminalPicture(int Width, int Height, byte[] Pixels);

/// <summary>Draws a picture with half blocks: a character is two pixels, one over the other.</summary>
internal sealed class HalfBlocks(TerminalPicture picture) : Renderable
{
    private const string Upper = "▀";

    /// <inheritdoc/>
    protected override Measurement Measure(RenderOptions options, int maxWidth) =>
        new(Math.Min(picture.Width, maxWidth), Math.Min(picture.Width, maxWidth));

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        for (int row = 0; row < picture.Height; row += 2)
        {
            for (int column = 0; column < Math.Min(picture.Width, maxWidth); column++)
                yield return new Segment(Upper, new Style(At(row, column), row + 1 < picture.Height ? At(row + 1, column) : null));
            yield return Segment.LineBreak;
        }
    }

    private Color At(int row, int column)
    {
        int at = ((row * picture.Width) + column) * 3;
        return new Color(picture.Pixels[at], picture.Pixels[at + 1], picture.Pixels[at + 2]);
    }
}
