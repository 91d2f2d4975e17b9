using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Images;

/// <summary>Pictures as bytes, one after another: what is judged, whoever made it, is treated alike from here on.</summary>
/// <param name="Shape">How each one lies.</param>
/// <param name="Pixels">[Count, Shape.Length], 0 to 255.</param>
internal sealed record ImageBytes(PictureShape Shape, ReadOnlyMemory<byte> Pixels)
{
    /// <summary>How many there are.</summary>
    public int Count => Pixels.Length / Shape.Length;

    /// <summary>One of them.</summary>
    public ReadOnlySpan<byte> this[int picture] => Pixels.Span.Slice(picture * Shape.Length, Shape.Length);

    /// <summary>Some that follow each other.</summary>
    public ImageBytes Slice(int from, int count) => this with { Pixels = Pixels.Slice(from * Shape.Length, count * Shape.Length) };

    /// <summary>Some of them in a random order, none twice; all as they are where no fewer are wanted.</summary>
    public ImageBytes Subsample(int count, RandomStream random)
    {
        if (count >= Count)
            return this;
        var order = new int[Count];
        random.Shuffle(order);
        var pixels = new byte[count * Shape.Length];
        for (int i = 0; i < count; i++)
            this[order[i]].CopyTo(pixels.AsSpan(i * Shape.Length));
        return this with { Pixels = pixels };
    }

    /// <summary>These pictures as a classifier sees them, [n, Shape.Length] in [-1, 1].</summary>
    /// <param name="device">Where they go.</param>
    /// <param name="pictures">Which ones.</param>
    /// <param name="moves">Moves each by up to a pixel to either side, up and down, its edge repeated; null leaves them where they are.</param>
    public Tensor Batch(Device device, ReadOnlySpan<int> pictures, RandomStream? moves = null)
    {
        var values = new float[pictures.Length * Shape.Length];
        for (int i = 0; i < pictures.Length; i++)
        {
            var (dx, dy) = moves is null ? (0, 0) : (moves.Below(3) - 1, moves.Below(3) - 1);
            Draw(this[pictures[i]], dx, dy, values.AsSpan(i * Shape.Length, Shape.Length));
        }
        return Tensor.From(device, new Shape(pictures.Length, Shape.Length), values);
    }

    private void Draw(ReadOnlySpan<byte> picture, int dx, int dy, Span<float> to)
    {
        int at = 0;
        for (int y = 0; y < Shape.Height; y++)
        {
            int row = Math.Clamp(y - dy, 0, Shape.Height - 1) * Shape.Width;
            for (int x = 0; x < Shape.Width; x++)
            {
                int from = (row + Math.Clamp(x - dx, 0, Shape.Width - 1)) * Shape.Channels;
                for (int c = 0; c < Shape.Channels; c++)
                    to[at++] = (picture[from + c] / 127.5f) - 1f;
            }
        }
    }
}
