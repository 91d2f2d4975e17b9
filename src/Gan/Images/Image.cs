namespace GanFromScratch.Gan.Images;

/// <summary>An immutable picture of bytes, [height, width, channels], row-major.</summary>
public sealed class Image
{
    private readonly ReadOnlyMemory<byte> _pixels;

    /// <summary>Makes a picture of an array, which must not change afterwards.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 for grey, 3 for red, green, blue.</param>
    /// <param name="pixels">height·width·channels bytes.</param>
    /// <exception cref="ArgumentException">A size below 1, channels other than 1 and 3, or another number of bytes.</exception>
    public Image(int width, int height, int channels, byte[] pixels)
        : this(width, height, channels, pixels.AsMemory())
    {
    }

    /// <summary>Makes a picture of memory, which must not change while the picture is used.</summary>
    /// <inheritdoc cref="Image(int, int, int, byte[])"/>
    internal Image(int width, int height, int channels, ReadOnlyMemory<byte> pixels)
    {
        if (width < 1 || height < 1 || channels is not (1 or 3) || (long)width * height * channels != pixels.Length)
            throw new ArgumentException($"Image: {width}x{height} pixels of {channels} channels don't match {pixels.Length} bytes");
        (Shape, _pixels) = (new PictureShape(height, width, channels), pixels);
    }

    /// <summary>Rows, columns and channels.</summary>
    public PictureShape Shape { get; }

    /// <summary>Columns.</summary>
    public int Width => Shape.Width;

    /// <summary>Rows.</summary>
    public int Height => Shape.Height;

    /// <summary>1 for grey, 3 for red, green, blue.</summary>
    public int Channels => Shape.Channels;

    /// <summary>[height, width, channels].</summary>
    public ReadOnlySpan<byte> Pixels => _pixels.Span;

    /// <summary>One row, [width, channels]; row 0 is at the top.</summary>
    public ReadOnlySpan<byte> Row(int y) => Pixels.Slice(y * Width * Channels, Width * Channels);
}
