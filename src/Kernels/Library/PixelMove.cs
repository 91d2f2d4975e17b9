namespace GanFromScratch.Kernels;

/// <summary>How pictures are moved at random, for <see cref="Pixels.Move"/>.</summary>
/// <param name="Reach">The most pixels, up, down, left or right.</param>
/// <param name="Mirrors">1: half of the pictures are mirrored, left to right; 0: none is.</param>
/// <param name="Back">1: back to where they were; 0: there.</param>
/// <param name="Outside">What comes in at an edge.</param>
public readonly record struct PixelMove(int Reach, int Mirrors, int Back, float Outside)
{
    /// <summary>Returns the way back; nothing comes in at an edge.</summary>
    public PixelMove Reversed => new(Reach, Mirrors, 1 - Back, 0f);

    /// <summary>Returns a picture's way.</summary>
    /// <param name="down">Uniform in [0, 1).</param>
    /// <param name="right">Uniform in [0, 1).</param>
    /// <param name="mirrored">Uniform in [0, 1).</param>
    internal PixelWay Of(float down, float right, float mirrored) => new(
        (int)(down * ((2 * Reach) + 1)) - Reach, (int)(right * ((2 * Reach) + 1)) - Reach, Mirrors == 1 && mirrored < 0.5f ? 1 : 0, Back);
}

/// <summary>A picture's way: which pixel comes to a place. Integers, for a kernel's arguments have no booleans.</summary>
internal readonly record struct PixelWay(int Down, int Right, int Mirrored, int Back)
{
    /// <summary>Returns the row that comes to a row, perhaps beyond the picture.</summary>
    public int RowOf(int row) => Back == 1 ? row + Down : row - Down;

    /// <summary>Returns the column that comes to a column, perhaps beyond the picture.</summary>
    public int ColumnOf(int column, int width)
    {
        int from = Back == 1 ? column + Right : column;
        from = Mirrored == 1 ? width - 1 - from : from;
        return Back == 1 ? from : from - Right;
    }
}
