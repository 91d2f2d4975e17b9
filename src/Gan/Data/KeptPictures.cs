using System.Globalization;
using System.IO.Compression;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using System.Text;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>A decoded set of pictures.</summary>
/// <param name="Images">The pictures.</param>
/// <param name="Notes">What is to be known of them, in sentences.</param>
/// <param name="Faults">What was skipped, and why, a sentence each.</param>
internal sealed record KeptSet(ImageSet Images, IReadOnlyList<string> Notes, IReadOnlyList<string> Faults)
{
    private const int LongestName = 255;

    /// <summary>Reads a set from an archive of NumPy's: `images`, and perhaps `labels`, `classes`, `notes` and `faults`.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="where">Where the set is said to be.</param>
    /// <exception cref="GanException">Data: it is damaged, or holds something else.</exception>
    public static KeptSet Read(string file, string where)
    {
        var found = NpzFile.Read(file);
        var (labels, classes) = (found.Labels, found.Classes);
        int needed = labels is null ? 0 : labels.Max() + 1;
        if (labels is not null)
            classes ??= [.. Enumerable.Range(0, needed).Select(label => label.ToString(CultureInfo.InvariantCulture))];
        if (classes?.Count > PictureListing.MostClasses || classes?.Any(name => name.Length > LongestName) == true)
        {
            throw NpyReader.Damaged(
                file, $"it names {classes.Count:N0} classes, and there are at most {PictureListing.MostClasses}, of {LongestName} letters");
        }
        if (classes?.Count < needed)
            throw NpyReader.Damaged(file, $"it has the label {needed - 1} and only {Plural.Of(classes.Count, "name")} of classes");
        return new KeptSet(
            new ImageSet(PictureFolder.Name, where, found.Count, found.Shape, found.Pixels, labels, classes), found.Notes, found.Faults);
    }

    /// <summary>Writes the set as such an archive, which `numpy.load` reads.</summary>
    /// <exception cref="GanException">Writing: it can't be written.</exception>
    public void Write(string file) => AtomicFile.Write(file, stream => NpzFile.Write(
        stream, new NpzPictures(Images.Shape, Images.Pixels, Images.Labels, Images.Classes) { Notes = Notes, Faults = Faults },
        CompressionLevel.NoCompression));
}

/// <summary>
/// Keeps the decoded pictures of a folder or an archive in the user's cache, so that the next start needn't read the files. They are found
/// by a digest of what decides them: names, sizes and times of the files, and the options.
/// </summary>
internal sealed class KeptPictures
{
    /// <summary>Files of fewer bytes in all are read quickly enough.</summary>
    internal const long WorthKeeping = 4 << 20;

    private const string Version = "1"; // increased when the same files would give other pictures
    private const long MaxBytes = 8L << 30; // of all kept sets

    private readonly string _folder, _file, _root;
    private readonly bool _isWorthIt, _mayWrite;

    /// <summary>Finds the place of a set.</summary>
    public KeptPictures(DatasetRequest request, PictureTree tree, PictureListing listing)
    {
        (_root, _folder) = (tree.Root, Path.Combine(request.SearchPath.Cache, "pictures"));
        _mayWrite = request.KeepsDecoded;
        _isWorthIt = listing.Files.Sum(file => (double)file.Length) >= WorthKeeping;
        _file = _isWorthIt ? Path.Combine(_folder, $"{Digest(request, tree, listing)}.npz") : "";
    }

    /// <summary>Reads the set, if it was kept whole.</summary>
    public KeptSet? Read()
    {
        if (!_isWorthIt || !File.Exists(_file))
            return null;
        try
        {
            var set = KeptSet.Read(_file, _root);
            Try(() => File.SetLastWriteTimeUtc(_file, DateTime.UtcNow)); // the order in which sets go
            return set;
        }
        catch (GanException)
        {
            return null; // damaged: the files are there
        }
    }

    /// <summary>
    /// Keeps the set, and removes the ones that were used longest ago. A full disk, or another program that keeps one, only makes the next
    /// start slower.
    /// </summary>
    public void Write(KeptSet set)
    {
        if (!_isWorthIt || !_mayWrite)
            return;
        Try(() =>
        {
            Directory.CreateDirectory(_folder);
            using var alone = DirectoryLock.Lock(_folder);
            if (alone is null)
                return;
            AtomicFile.RemoveUnfinished(_folder); // of a kill
            set.Write(_file);
            long bytes = 0;
            foreach (var kept in new DirectoryInfo(_folder).EnumerateFiles("*.npz").OrderByDescending(kept => kept.LastWriteTimeUtc))
            {
                bytes += kept.Length;
                if (bytes > MaxBytes && kept.FullName != _file)
                    AtomicFile.Remove(kept.FullName);
            }
        });
    }

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception fault) when (fault is GanException or IOException or UnauthorizedAccessException)
        {
            // the cache is a convenience
        }
    }

    // JPEGs are decoded to other values where the processor lacks AVX2, and a cache may be shared
    private static string Digest(DatasetRequest request, PictureTree tree, PictureListing listing)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var asked = request.Pictures;
        Add($"{Version} {asked.Resolution} {asked.Channels} {asked.Background} {request.SkipBadFiles} {Avx2.IsSupported}\n{tree.Root}\n");
        foreach (var (file, index) in listing.Files.Select((file, index) => (file, index)))
            Add($"{file.Path}\0{file.Length} {file.Stamp} {listing.Labels?[index]}\n");
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];

        void Add(FormattableString text) => hash.AppendData(Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture)));
    }
}
