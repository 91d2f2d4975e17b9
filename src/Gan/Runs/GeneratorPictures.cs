using System.IO.Compression;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Models;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Runs;

// pictures[n, Height·Width·Channels] as bytes, noise[n, z]

/// <summary>Draws pictures with a saved generator.</summary>
/// <param name="generator">The generator.</param>
/// <param name="device">The device of its weights.</param>
internal sealed class GeneratorPictures(SavedGenerator generator, Device device)
{
    private const int AtOnce = 500;

    /// <summary>The classes that pictures are asked for, one after another and again from the first; all, unless set.</summary>
    public IReadOnlyList<int> Classes { get; init; } = [.. Enumerable.Range(0, generator.Classes)];

    /// <summary>Draws pictures from a seed's first noise vectors; a larger count starts with the same pictures.</summary>
    public byte[] OfSeed(ulong seed, int count)
    {
        var random = SeedStream.Samples.Of(seed);
        return Draw(count, (_, noise) => generator.Recipe.DrawNoise(random, noise));
    }

    /// <summary>Draws a picture from each noise vector.</summary>
    /// <param name="noises">The noise vectors.</param>
    /// <param name="labels">
    /// Returns a picture's labels [classes], 1 for its class and 0 for others, or shares of some; null: those of <see cref="Classes"/>.
    /// </param>
    public byte[] OfNoises(IReadOnlyList<float[]> noises, Func<int, float[]>? labels = null) => Draw(
        noises.Count, (from, noise) => noise.CopyFrom([.. noises.Skip(from).Take(noise.Shape.Rows).SelectMany(row => row)]), labels);

    /// <summary>Returns a seed's first noise vectors.</summary>
    public float[][] NoisesOf(ulong seed, int count)
    {
        using var noise = new Tensor(device, new Shape(count, generator.Recipe.NoiseSize));
        generator.Recipe.DrawNoise(SeedStream.Samples.Of(seed), noise);
        return [.. noise.ToArray().Chunk(generator.Recipe.NoiseSize)];
    }

    /// <summary>Refuses more pictures than one array holds, before any is drawn.</summary>
    /// <exception cref="GanException">Usage: they are too many.</exception>
    public void RequireRoom(long count)
    {
        int length = generator.Shape.Length;
        if (count * length > Array.MaxLength)
        {
            throw new GanException(
                ExitCode.Usage,
                $"{Plural.Of(count, "picture")} of {length} bytes are too many at once. Ask for at most {Array.MaxLength / length:N0}.");
        }
    }

    /// <summary>Refuses a grid that is larger than its kind of file can be, before any picture is drawn.</summary>
    /// <exception cref="GanException">Usage: it is.</exception>
    public void RequireRoom(string file, long rows, long columns, int zoom)
    {
        var (width, height) = ImageGrid.SizeOf(generator.Shape, rows, columns, zoom: zoom, labelled: generator.Classes > 0);
        ImageWriter.RequireRoom(file, width, height);
    }

    /// <summary>Returns the rows and columns of a nearly square grid.</summary>
    public static (int Rows, int Columns) Square(int count)
    {
        int columns = (int)Math.Ceiling(Math.Sqrt(count));
        return ((count + columns - 1) / columns, columns);
    }

    /// <summary>Lays pictures out in a grid, in the recipe's colours.</summary>
    /// <param name="pictures">[n, Height·Width·Channels], n at most rows·columns.</param>
    /// <param name="rows">Rows of pictures.</param>
    /// <param name="columns">Pictures in a row.</param>
    /// <param name="zoom">Pixels for each value, in both directions.</param>
    /// <param name="hasClasses">Whether the numbers of the pictures' classes are above them.</param>
    public Image Grid(ReadOnlySpan<byte> pictures, int rows, int columns, int zoom, bool hasClasses = false)
    {
        var grid = ImageGrid.Compose(pictures, generator.Shape, rows, columns, zoom: zoom);
        if (hasClasses && generator.Classes > 0)
        {
            int[] labels = [.. Enumerable.Range(0, pictures.Length / generator.Shape.Length).Select(i => Classes[i % Classes.Count])];
            grid = ImageGrid.Labelled(grid, generator.Shape, columns, labels, zoom: zoom);
        }
        return generator.Recipe.GridsShowRed && grid.Channels == 3 ? ImageGrid.RedChannel(grid) : grid;
    }

    /// <summary>Returns one of the pictures.</summary>
    public Image Single(ReadOnlySpan<byte> pictures, int index)
    {
        var shape = generator.Shape;
        return new Image(shape.Width, shape.Height, shape.Channels, pictures.Slice(index * shape.Length, shape.Length).ToArray());
    }

    /// <summary>Writes pictures as NumPy's array `images`.</summary>
    public void WriteNpz(string file, byte[] pictures)
    {
        var set = new NpzPictures(generator.Shape, pictures);
        AtomicFile.Write(file, stream => NpzFile.Write(stream, set, CompressionLevel.Fastest));
    }

    private Tensor Labels(int from, int count, Func<int, float[]>? of) => Tensor.From(
        device, new Shape(count, generator.Classes), [.. Enumerable.Range(from, count).SelectMany(of ?? Whole)]);

    private float[] Whole(int picture)
    {
        var labels = new float[generator.Classes];
        labels[Classes[picture % Classes.Count]] = 1f;
        return labels;
    }

    /// <summary>Draws batch by batch; <paramref name="fill"/> is told the batch's first picture, and fills its noise.</summary>
    private byte[] Draw(int count, Action<int, Tensor> fill, Func<int, float[]>? labelsOf = null)
    {
        RequireRoom(count);
        var (low, high) = generator.Recipe.PixelRange;
        int length = generator.Shape.Length;
        var pictures = new byte[count * length];
        for (int from = 0; from < count; from += AtOnce)
        {
            using var noise = new Tensor(device, new Shape(Math.Min(AtOnce, count - from), generator.Recipe.NoiseSize));
            fill(from, noise);
            using var labels = generator.Classes == 0 ? null : Labels(from, noise.Shape.Rows, labelsOf);
            foreach (var (first, some) in GanModel.Parts(generator.Network, noise.Shape.Rows))
            {
                using var tape = new Tape(device);
                var asked = labels is null ? null : GanModel.RowsOf(tape, labels, first, some);
                var pass = generator.Recipe.SamplePass with { Labels = asked };
                var made = generator.Network.Forward(GanModel.RowsOf(tape, noise, first, some), pass);
                float[] values = made.Value.ToArray();
                for (int i = 0; i < values.Length; i++)
                    pictures[((from + first) * length) + i] = ImageGrid.ToByte((values[i] - low) / (high - low));
            }
        }
        return pictures;
    }
}
