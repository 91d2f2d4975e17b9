using System.Security.Cryptography;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>Pictures of one shape, and their labels if the set has them.</summary>
public sealed class ImageSet
{
    private readonly Lazy<string> _sha256;

    /// <summary>Makes a set of pixels [count, height, width, channels], row-major, 0..255, and labels [count] or null.</summary>
    /// <exception cref="ArgumentException">Lengths that don't match the count and the shape.</exception>
    public ImageSet(string name, string where, int count, PictureShape shape, byte[] pixels, byte[]? labels)
    {
        if (count < 1 || shape.Height < 1 || shape.Width < 1 || shape.Channels < 1)
            throw new ArgumentException($"ImageSet {name}: {count} pictures of {shape} have a size below 1");
        if (pixels.LongLength != (long)count * shape.Length)
            throw new ArgumentException($"ImageSet {name}: {pixels.LongLength} bytes are not {count} pictures of {shape}");
        if (labels is not null && labels.Length != count)
            throw new ArgumentException($"ImageSet {name}: {labels.Length} labels for {count} pictures");
        Name = name;
        Where = where;
        Count = count;
        Shape = shape;
        Pixels = pixels;
        Labels = labels;
        _sha256 = new Lazy<string>(() => Convert.ToHexStringLower(SHA256.HashData(Pixels)));
    }

    /// <summary>The name on the command line, such as `mnist`; `pictures` for a folder.</summary>
    public string Name { get; }

    /// <summary>The folder of the set, or "built in".</summary>
    public string Where { get; }

    /// <summary>Number of pictures.</summary>
    public int Count { get; }

    /// <summary>The shape of each picture.</summary>
    public PictureShape Shape { get; }

    /// <summary>[Count, Height, Width, Channels], row-major, 0..255.</summary>
    public byte[] Pixels { get; }

    /// <summary>The pictures without their labels.</summary>
    internal ImageBytes Bytes => new(Shape, Pixels);

    /// <summary>SHA-256 of the pixels, in lowercase hexadecimal, computed at the first use.</summary>
    public string Sha256 => _sha256.Value;

    /// <summary>[Count], or null for a set without labels.</summary>
    public byte[]? Labels { get; }
}
