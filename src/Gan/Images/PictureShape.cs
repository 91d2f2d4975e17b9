namespace GanFromScratch.Gan.Images;

/// <summary>The size of a picture, and its layout in memory: [height, width, channels], row-major.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">1 for grey, 3 for red, green, blue.</param>
public readonly record struct PictureShape(int Height, int Width, int Channels)
{
    /// <summary>Values in one picture.</summary>
    public int Length => checked(Height * Width * Channels);

    /// <summary>Such as `28x28 grey`.</summary>
    public override string ToString() => $"{Height}x{Width} " + Channels switch
    {
        1 => "grey",
        3 => "colour",
        _ => $"with {Channels} channels",
    };
}
