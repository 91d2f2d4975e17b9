using System.IO.Compression;
using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Images;

/// <summary>Pictures in an archive of NumPy's, and what else it says of them.</summary>
/// <param name="Shape">The shape of each.</param>
/// <param name="Pixels">[n, Shape.Length].</param>
/// <param name="Labels">[n], the array `labels`; null: there is none.</param>
/// <param name="Classes">The array `classes`, the names of the labels; null: there is none.</param>
internal sealed record NpzPictures(PictureShape Shape, byte[] Pixels, byte[]? Labels = null, IReadOnlyList<string>? Classes = null)
{
    /// <summary>The array `notes`, sentences about the pictures, as lines of UTF-8; empty: there is none.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The array `faults`, sentences about pictures that were left out, likewise; empty: there is none.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Number of pictures.</summary>
    public int Count => Pixels.Length / Shape.Length;
}

/// <summary>
/// Reads and writes pictures in NumPy's archives of arrays: `images`, uint8, [n, height, width] or [n, height, width, channels], and
/// perhaps `labels`, `classes`, `notes` and `faults`.
/// </summary>
internal static class NpzFile
{
    /// <summary>The name of the array of pictures.</summary>
    public const string ArrayName = "images";

    private const int Largest = 1 << 14; // rows, and columns, of a picture

    private const string Labels = "labels", Classes = "classes", Notes = "notes", Faults = "faults";

    /// <summary>Reads pictures: all in their order, or of more than <paramref name="max"/> as many, picked from all at random.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">The shape that its pictures must have.</param>
    /// <param name="max">The most pictures.</param>
    /// <param name="random">Picks them.</param>
    /// <returns>The pictures, and how many the file holds.</returns>
    /// <exception cref="GanException">Data: the file is missing, damaged, or holds another array.</exception>
    public static (ImageBytes Pictures, int Held) Read(string path, PictureShape shape, int max, RandomStream random) =>
        Open(path, archive =>
        {
            using var array = ImagesOf(path, archive);
            if (ShapeOf(array) != shape)
            {
                string needed = shape.Channels == 1 ? $"{shape.Height},{shape.Width}" : $"{shape.Height},{shape.Width},{shape.Channels}";
                throw NpyReader.Damaged(path, $"`{ArrayName}` is {Extents(array)}, and the data set needs [n,{needed}]");
            }
            array.RequireBytes();
            return (new ImageBytes(shape, Picked(path, array, shape, max, random)), array.Shape[0]);
        });

    /// <summary>Reads all pictures, of whatever shape, with their labels if they have some.</summary>
    /// <exception cref="GanException">Data: the file is missing, damaged, or holds other arrays.</exception>
    public static NpzPictures Read(string path) => Open(path, archive =>
    {
        NpzPictures set;
        using (var array = ImagesOf(path, archive))
        {
            var shape = ShapeOf(array)
                ?? throw NpyReader.Damaged(
                    path, $"`{ArrayName}` is {Extents(array)}, and pictures are [n,height,width] or [n,height,width,3]");
            array.RequireBytes();
            set = new NpzPictures(shape, Picked(path, array, shape, int.MaxValue, new RandomStream(0, 0)));
        }
        return set with
        {
            Labels = LabelsOf(path, archive, set.Count),
            Classes = Read(Classes, array => array.Texts()),
            Notes = Read(Notes, array => array.Lines()) ?? [],
            Faults = Read(Faults, array => array.Lines()) ?? [],
        };

        string[]? Read(string name, Func<NpyReader, string[]> texts)
        {
            if (archive.GetEntry($"{name}.npy") is not { } entry)
                return null;
            using var array = new NpyReader(path, entry);
            return texts(array);
        }
    });

    /// <summary>Tells whether a file is an archive with the array `images`.</summary>
    public static bool Holds(string path)
    {
        try
        {
            using var archive = ZipFile.OpenRead(path);
            return archive.GetEntry($"{ArrayName}.npy") is not null;
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Writes pictures, and what else is known of them.</summary>
    public static void Write(Stream stream, NpzPictures set, CompressionLevel compression) =>
        Npz.Write(stream, compression, Arrays(set));

    private static IEnumerable<NpyArray> Arrays(NpzPictures set)
    {
        var (shape, count) = (set.Shape, set.Count);
        int[] extents = shape.Channels == 1 ? [count, shape.Height, shape.Width] : [count, shape.Height, shape.Width, shape.Channels];
        yield return NpyArray.OfBytes(ArrayName, extents, set.Pixels);
        if (set.Labels is not null)
            yield return NpyArray.OfBytes(Labels, [count], set.Labels);
        if (set.Classes is not null)
            yield return NpyArray.OfTexts(Classes, set.Classes);
        if (set.Notes.Count > 0)
            yield return OfLines(Notes, set.Notes);
        if (set.Faults.Count > 0)
            yield return OfLines(Faults, set.Faults);
    }

    // any number of any length, which an array of texts would pad to the longest
    private static NpyArray OfLines(string name, IReadOnlyList<string> lines)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', lines));
        return NpyArray.OfBytes(name, [text.Length], text);
    }

    private static T Open<T>(string path, Func<ZipArchive, T> read)
    {
        try
        {
            using var archive = ZipFile.OpenRead(path);
            return read(archive);
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException)
        {
            throw NpyReader.Damaged(path, "it is no ZIP archive, damaged or cut short");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw FileFault.Unreadable(path, fault);
        }
    }

    private static NpyReader ImagesOf(string path, ZipArchive archive) => new(
        path, archive.GetEntry($"{ArrayName}.npy") ?? throw NpyReader.Damaged(
            path, $"it has no array `{ArrayName}`, only {Names(archive)}; write it with `numpy.savez(file, {ArrayName}=...)`"));

    private static PictureShape? ShapeOf(NpyReader array) =>
        array.Shape is [> 0, > 0 and <= Largest and var height, > 0 and <= Largest and var width, .. var channels]
            && channels is [] or [1 or 3]
                ? new PictureShape(height, width, channels is [var given] ? given : 1)
                : null;

    private static string Extents(NpyReader array) => $"[{string.Join(',', array.Shape)}]";

    private static byte[] Picked(string path, NpyReader array, PictureShape shape, int max, RandomStream random)
    {
        int held = array.Shape[0], count = Math.Min(held, max);
        long bytes = (long)count * shape.Length;
        if (bytes > Array.MaxLength)
            throw NpyReader.Damaged(path, $"{bytes:N0} bytes of `{ArrayName}` are more than the {Array.MaxLength:N0} that fit");
        var pixels = new byte[bytes];
        if (count == held)
        {
            array.Read(pixels);
        }
        else
        {
            var order = new int[held];
            random.Shuffle(order);
            var placeOf = new int[held];
            for (int place = 0; place < held; place++)
                placeOf[order[place]] = place;
            var left = new byte[shape.Length];
            for (int i = 0; i < held; i++)
                array.Read(placeOf[i] < count ? pixels.AsSpan(placeOf[i] * shape.Length, shape.Length) : left);
        }
        array.Finish();
        return pixels;
    }

    private static byte[]? LabelsOf(string path, ZipArchive archive, int count)
    {
        if (archive.GetEntry($"{Labels}.npy") is not { } entry)
            return null;
        using var array = new NpyReader(path, entry);
        array.RequireBytes();
        if (array.Shape is not [var n] || n != count)
            throw NpyReader.Damaged(path, $"`{Labels}` is {Extents(array)}, and there are {count:N0} pictures");
        var labels = new byte[count];
        array.Read(labels);
        array.Finish();
        return labels;
    }

    private static string Names(ZipArchive archive)
    {
        const int Listed = 5;
        string[] names = [.. archive.Entries.Take(Listed).Select(entry => $"`{entry.FullName}`")];
        return names.Length == 0 ? "nothing" : string.Join(", ", names) + (archive.Entries.Count > Listed ? " and others" : "");
    }
}
