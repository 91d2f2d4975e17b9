using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>
/// The built-in data set: handwritten-looking digits, 28x28, white on black, drawn from strokes. A picture depends only on the seed and its
/// index, and is computed with + - * / and sqrt alone, so that its bytes are the same on every machine and for any number of threads.
/// </summary>
public static class Digits
{
    /// <summary>The name of the set.</summary>
    public const string SetName = "digits";

    /// <summary>Rows and columns of a picture.</summary>
    internal const int Size = 28;

    /// <summary>The shape of a picture.</summary>
    public static PictureShape Shape => new(Size, Size, 1);

    /// <summary>Number of pictures in the set, as in MNIST's training part.</summary>
    public const int DefaultCount = 60_000;

    private const int Pixels = Size * Size;

    /// <summary>Draws pictures. Each ten pictures hold each digit once, in random order.</summary>
    /// <param name="count">Number of pictures; fewer are the first of more.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="threads">Threads; 0: one for each core.</param>
    /// <param name="cancel">Cancels drawing.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static ImageSet Draw(int count = DefaultCount, ulong seed = 0, int threads = 0, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var pixels = new byte[count * Pixels];
        var labels = new byte[count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = threads > 0 ? threads : -1, CancellationToken = cancel };
        const int Block = 250;
        Parallel.For(0, (count + Block - 1) / Block, options, () => new DigitPen(), (block, _, pen) =>
        {
            for (int i = block * Block; i < Math.Min(count, (block + 1) * Block); i++)
            {
                labels[i] = Label(seed, i);
                pen.Draw(labels[i], new DigitRandom(seed, (ulong)i), pixels.AsSpan(i * Pixels, Pixels));
            }
            return pen;
        }, _ => { });
        return new ImageSet(SetName, "built in", count, Shape, pixels, labels);
    }

    // each of ten pictures computes the same shuffle of the ten digits
    private static byte Label(ulong seed, int picture)
    {
        var random = new DigitRandom(~seed, (ulong)(picture / 10));
        Span<byte> ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
        for (int i = 9; i > 0; i--)
        {
            int j = random.Below(i + 1);
            (ten[i], ten[j]) = (ten[j], ten[i]);
        }
        return ten[picture % 10];
    }
}

/// <summary>A counter-based random generator: the k-th number is a hash of the seed, the index of the picture and k.</summary>
internal struct DigitRandom(ulong seed, ulong picture)
{
    private readonly ulong _key = Mix(seed + 0x9E3779B97F4A7C15) ^ Mix(picture * 0xD1B54A32D192ED03 + 1);
    private ulong _counter;

    /// <summary>Draws uniformly from [0, 1), in steps of 2^-24.</summary>
    public float Uniform() => (Mix(_key + ++_counter * 0x9E3779B97F4A7C15) >> 40) * (1f / (1 << 24));

    /// <summary>Draws uniformly from low to high.</summary>
    public float Between(float low, float high) => low + (high - low) * Uniform();

    /// <summary>Draws a whole number from 0 to bound - 1.</summary>
    public int Below(int bound) => (int)(Uniform() * bound);

    /// <summary>Draws about normally, mean 0, deviation 1: a sum of four uniform numbers, as log and cos differ by machine.</summary>
    public float Normal() => (Uniform() + Uniform() + Uniform() + Uniform() - 2f) * 1.7320508f;

    // finaliser of SplitMix64 (Steele, Lea, Flood 2014)
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
