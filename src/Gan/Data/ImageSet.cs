using System.Security.Cryptography;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>Pictures of one shape, and their labels if the set has them.</summary>
public sealed class ImageSet
{
    private static readonly string[] Digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    private readonly Lazy<string> _sha256;

    /// <summary>Makes a set of pixels [count, height, width, channels], row-major, 0..255, and labels [count] or null.</summary>
    /// <param name="name">The name on the command line.</param>
    /// <param name="where">The folder, or "built in".</param>
    /// <param name="count">Number of pictures.</param>
    /// <param name="shape">The shape of each.</param>
    /// <param name="pixels">[count, height, width, channels].</param>
    /// <param name="labels">[count], indices of classes; null: there are none.</param>
    /// <param name="classes">The names of the classes; null: the ten digits.</param>
    /// <exception cref="ArgumentException">Lengths that don't match the count and the shape, or a label without a class.</exception>
    public ImageSet(
        string name, string where, int count, PictureShape shape, byte[] pixels, byte[]? labels, IReadOnlyList<string>? classes = null)
    {
        if (count < 1 || shape.Height < 1 || shape.Width < 1 || shape.Channels < 1)
            throw new ArgumentException($"ImageSet {name}: {count} pictures of {shape} have a size below 1");
        if (pixels.LongLength != (long)count * shape.Length)
            throw new ArgumentException($"ImageSet {name}: {pixels.LongLength} bytes are not {count} pictures of {shape}");
        if (labels is not null && labels.Length != count)
            throw new ArgumentException($"ImageSet {name}: {labels.Length} labels for {count} pictures");
        if (labels is not null)
        {
            Classes = classes ?? Digits;
            if (labels.Any(label => label >= Classes.Count))
                throw new ArgumentException($"ImageSet {name}: label {labels.Max()} of {Classes.Count} classes");
        }
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

    /// <summary>The names of the classes, by label; null for a set without labels.</summary>
    public IReadOnlyList<string>? Classes { get; }
}
