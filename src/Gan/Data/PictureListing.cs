using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>
/// The pictures of a tree, before any is read. Those of the tree's own folder, without classes; or, where it has none, those of its
/// subfolders, each a class of that name. A folder that holds nothing but one folder stands for that one.
/// </summary>
/// <param name="Files">The pictures, in the ordinal order of their paths.</param>
/// <param name="Labels">[Files], the class of each; null: there are no classes.</param>
/// <param name="Classes">The names of the classes, in their ordinal order; null: there are none.</param>
/// <param name="PassedOver">What is no picture, by path, some with the reason.</param>
/// <param name="Notes">What people may not expect, in sentences.</param>
internal sealed record PictureListing(
    IReadOnlyList<TreeEntry> Files,
    byte[]? Labels,
    IReadOnlyList<string>? Classes,
    IReadOnlyList<string> PassedOver,
    IReadOnlyList<string> Notes)
{
    /// <summary>The most classes that labels of a byte tell apart.</summary>
    public const int MostClasses = 256;

    private const int MaxWrappers = 8;

    // pictures of the last kinds can't be read, and are not passed over silently
    private static readonly string[] Endings =
        [".png", ".jpg", ".jpeg", ".jfif", ".bmp", ".webp", ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif"];

    // what stands beside pictures by the thousand: not opened
    private static readonly string[] Texts = [".txt", ".json", ".xml", ".csv", ".npy"];

    // what systems leave in folders, besides names that begin with a dot
    private static readonly string[] OfSystems = ["Thumbs.db", "ehthumbs.db", "desktop.ini", "__MACOSX", "$RECYCLE.BIN"];

    /// <summary>Lists the pictures of a tree.</summary>
    /// <exception cref="GanException">Data: it can't be read.</exception>
    public static PictureListing Of(PictureTree tree)
    {
        var passedOver = new List<string>();
        var notes = new List<string>();
        var top = Folder.Of(tree, "", passedOver);
        for (int depth = 0; top is { Files: [], Folders: [var only] } && depth < MaxWrappers; depth++)
            top = Folder.Of(tree, only.Path, passedOver);
        if (top.Files.Count > 0)
        {
            if (top.Folders.Count > 0)
            {
                notes.Add(
                    $"Pictures lie beside subfolders, which are left out: {Names(top.Folders)}. For classes, put every picture into a "
                    + "subfolder.");
            }
            return new PictureListing(Sorted(top.Files), null, null, passedOver, notes);
        }
        var classes = new List<Folder>();
        var deeper = new List<TreeEntry>();
        foreach (var folder in top.Folders.OrderBy(folder => folder.Path, StringComparer.Ordinal))
        {
            var found = Folder.Of(tree, folder.Path, passedOver);
            deeper.AddRange(found.Folders);
            if (found.Files.Count > 0)
                classes.Add(found);
            else
                passedOver.Add($"{folder.Path} (a folder without pictures)");
        }
        if (deeper.Count > 0)
            notes.Add($"Folders within a class's folder are left out: {Names(deeper)}.");
        var files = Sorted([.. classes.SelectMany(found => found.Files)]);
        if (classes.Count > MostClasses)
            notes.Add($"{classes.Count:N0} subfolders are more than {MostClasses} classes: their pictures are used without classes.");
        if (classes.Count is < 2 or > MostClasses)
            return new PictureListing(files, null, null, passedOver, notes);
        string[] names = [.. classes.Select(found => found.Name)];
        var labelOf = classes.Index().ToDictionary(pair => pair.Item.Path, pair => (byte)pair.Index);
        byte[] labels = [.. files.Select(file => labelOf[file.Path[..file.Path.LastIndexOf('/')]])];
        return new PictureListing(files, labels, names, passedOver, notes);
    }

    private static TreeEntry[] Sorted(IReadOnlyList<TreeEntry> files) => [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];

    private static string Names(IReadOnlyList<TreeEntry> folders) => Plural.Some([.. folders.Select(folder => folder.Path)]);

    /// <summary>The pictures and the folders directly in a folder.</summary>
    private sealed record Folder(string Path, IReadOnlyList<TreeEntry> Files, IReadOnlyList<TreeEntry> Folders)
    {
        public string Name => Path[(Path.LastIndexOf('/') + 1)..];

        public static Folder Of(PictureTree tree, string path, List<string> passedOver)
        {
            var files = new List<TreeEntry>();
            var folders = new List<TreeEntry>();
            foreach (var entry in tree.List(path, passedOver.Add).OrderBy(entry => entry.Path, StringComparer.Ordinal))
            {
                if (entry.Name.StartsWith('.') || OfSystems.Contains(entry.Name, StringComparer.OrdinalIgnoreCase))
                    passedOver.Add(entry.Path);
                else if (entry.IsFolder)
                    folders.Add(entry);
                else if (HasEnding(entry.Name, Endings))
                    files.Add(entry);
                else if (HasEnding(entry.Name, Texts))
                    passedOver.Add(entry.Path);
                else if (tree.Head(entry) is not { } head)
                    passedOver.Add($"{entry.Path} (it can't be read)");
                else if (ImageFiles.IsPicture(head))
                    files.Add(entry);
                else
                    passedOver.Add(entry.Path);
            }
            return new Folder(path, files, folders);
        }

        private static bool HasEnding(string name, string[] endings) =>
            endings.Contains(System.IO.Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);
    }
}
