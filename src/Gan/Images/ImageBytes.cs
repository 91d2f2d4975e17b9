using GanFromScratch.Kernels;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Images;

/// <summary>Pictures as bytes, one after another.</summary>
/// <param name="Shape">The shape of each picture.</param>
/// <param name="Pixels">[Count, Shape.Length], 0 to 255.</param>
internal sealed record ImageBytes(PictureShape Shape, ReadOnlyMemory<byte> Pixels)
{
    /// <summary>The middle of a pixel's range, which a batch has as 0.</summary>
    public const float Middle = 127.5f;

    /// <summary>Number of pictures.</summary>
    public int Count => Pixels.Length / Shape.Length;

    /// <summary>The bytes of one picture, [Shape.Length].</summary>
    public ReadOnlySpan<byte> this[int picture] => Pixels.Span.Slice(picture * Shape.Length, Shape.Length);

    /// <summary>Some consecutive pictures.</summary>
    public ImageBytes Slice(int from, int count) => this with { Pixels = Pixels.Slice(from * Shape.Length, count * Shape.Length) };

    /// <summary>Picks pictures in random order, without replacement; all in their own order if there are no more than asked for.</summary>
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

    /// <summary>Makes a batch for a classifier, [n, Shape.Length] in [-1, 1].</summary>
    /// <param name="device">The device of the batch.</param>
    /// <param name="pictures">[n], indices of pictures.</param>
    /// <param name="shifts">Shifts each picture by up to a pixel in each direction, repeating its edge; null shifts none.</param>
    public Tensor Batch(Device device, ReadOnlySpan<int> pictures, RandomStream? shifts = null)
    {
        var values = new float[pictures.Length * Shape.Length];
        for (int i = 0; i < pictures.Length; i++)
        {
            var (dx, dy) = shifts is null ? (0, 0) : (shifts.Below(3) - 1, shifts.Below(3) - 1);
            Shift(this[pictures[i]], dx, dy, values.AsSpan(i * Shape.Length, Shape.Length));
        }
        return Tensor.From(device, new Shape(pictures.Length, Shape.Length), values);
    }

    private void Shift(ReadOnlySpan<byte> picture, int dx, int dy, Span<float> to)
    {
        int at = 0;
        for (int y = 0; y < Shape.Height; y++)
        {
            int row = Math.Clamp(y - dy, 0, Shape.Height - 1) * Shape.Width;
            for (int x = 0; x < Shape.Width; x++)
            {
                int from = (row + Math.Clamp(x - dx, 0, Shape.Width - 1)) * Shape.Channels;
                for (int c = 0; c < Shape.Channels; c++)
                    to[at++] = (picture[from + c] / Middle) - 1f;
            }
        }
    }
}
