using System.IO.Compression;
using System.IO.Hashing;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Data;

/// <summary>A file or a folder of a tree of pictures.</summary>
/// <param name="Path">Its path within the tree, with `/` between folders.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Length">Bytes of the file.</param>
/// <param name="Stamp">Another number when the content changes: the time of the last change, or a checksum.</param>
internal sealed record TreeEntry(string Path, bool IsFolder, long Length, long Stamp)
{
    /// <summary>Its name within its folder.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>Folders and files of pictures, on a disk or in a zip archive. Not for several threads: each has its own.</summary>
internal abstract class PictureTree : IDisposable
{
    /// <summary>Where the tree is: the full path of the folder or of the archive.</summary>
    public required string Root { get; init; }

    /// <summary>Opens a folder or a zip archive.</summary>
    /// <exception cref="GanException">Data: it can't be read, or is an archive that can't be trusted.</exception>
    public static PictureTree Open(string path)
    {
        string root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return File.Exists(root) ? ZipTree.Of(root) : new FolderTree { Root = root };
    }

    /// <summary>Lists what lies in a folder of the tree, itself not included.</summary>
    /// <param name="folder">The folder's path within the tree; empty: the whole tree's.</param>
    /// <param name="passOver">Receives what can't be a picture, with the reason, such as links in a circle.</param>
    /// <exception cref="GanException">Data: it can't be read.</exception>
    public abstract IReadOnlyList<TreeEntry> List(string folder, Action<string> passOver);

    /// <summary>Reads the first bytes of a file, at most <see cref="ImageFiles.HeadBytes"/>.</summary>
    public abstract byte[]? Head(TreeEntry file);

    /// <summary>Reads a picture.</summary>
    /// <param name="file">One of the tree.</param>
    /// <param name="background">What lies behind its transparent parts.</param>
    /// <param name="room">Where its pixels are put: the picture lasts until the next is read there.</param>
    /// <exception cref="GanException">Data: it can't be used.</exception>
    public abstract DecodedImage Read(TreeEntry file, Background background, PixelRoom room);

    /// <summary>Opens the same tree for another thread.</summary>
    public abstract PictureTree ForAnotherThread();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }

    /// <summary>A folder on a disk.</summary>
    private sealed class FolderTree : PictureTree
    {
        public override PictureTree ForAnotherThread() => this;

        public override IReadOnlyList<TreeEntry> List(string folder, Action<string> passOver)
        {
            string path = Path.Combine(Root, folder);
            try
            {
                var entries = new List<TreeEntry>();
                foreach (var found in new DirectoryInfo(path).EnumerateFileSystemInfos())
                {
                    string name = folder.Length == 0 ? found.Name : $"{folder}/{found.Name}";
                    if (OddNames.IsLost(found.Name))
                        passOver($"{name} (a name that is not UTF-8)");
                    else if (Target(found) is not { } target)
                        passOver($"{name} (a link to nowhere)");
                    else if (target is FileInfo file)
                        entries.Add(new TreeEntry(name, false, file.Length, file.LastWriteTimeUtc.Ticks));
                    else if (target != found && IsAbove(target.FullName, path))
                        passOver($"{name} (a link to a folder that it lies in)");
                    else
                        entries.Add(new TreeEntry(name, true, 0, 0));
                }
                return entries;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw FileFault.Unreadable(path, fault);
            }
        }

        // A file without bytes is not opened: a pipe has none either, and would wait for a writer.
        public override byte[]? Head(TreeEntry file)
        {
            if (file.Length == 0)
                return [];
            try
            {
                using var stream = File.OpenRead(Path.Combine(Root, file.Path));
                var head = new byte[ImageFiles.HeadBytes];
                return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }

        public override DecodedImage Read(TreeEntry file, Background background, PixelRoom room)
        {
            if (file.Length == 0)
                throw new GanException(ExitCode.Data, $"{file.Path} is empty.");
            string path = Path.Combine(Root, file.Path);
            try
            {
                return ImageFiles.Read(path, background, room);
            }
            catch (GanException fault)
            {
                throw new GanException(fault.Code, fault.Message.Replace(path, file.Path, StringComparison.Ordinal), fault);
            }
        }

        /// <summary>Returns what a link leads to in the end, anything else itself; null: it leads nowhere.</summary>
        private static FileSystemInfo? Target(FileSystemInfo found)
        {
            if (found.LinkTarget is null)
                return found;
            try
            {
                return found.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } target ? target : null;
            }
            catch (IOException)
            {
                return null; // a circle of links
            }
        }

        private static bool IsAbove(string folder, string path)
        {
            for (string? at = Real(path); at is not null; at = Path.GetDirectoryName(at))
            {
                if (at == Path.TrimEndingDirectorySeparator(folder))
                    return true;
            }
            return false;
        }

        private static string Real(string path) =>
            new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? Path.TrimEndingDirectorySeparator(path);
    }

    /// <summary>A zip archive, read where it lies: nothing is unpacked to a disk.</summary>
    private sealed class ZipTree : PictureTree
    {
        private const long MaxFileBytes = 1 << 27; // of a picture: it is unpacked in memory

        private const int MaxDepth = 32;
        private const int LinkMode = 0xA000, ModeMask = 0xF000; // of a Unix file, in the upper half of its attributes

        private readonly ZipArchive _archive;
        private readonly Dictionary<string, List<TreeEntry>> _folders = [];
        private readonly Dictionary<string, ZipArchiveEntry> _files = [];
        private readonly List<string> _passedOver = [];

        private ZipTree(ZipArchive archive)
        {
            _archive = archive;
            foreach (var entry in archive.Entries)
                Add(entry);
        }

        public static ZipTree Of(string path)
        {
            ZipArchive? archive = null;
            try
            {
                archive = ZipFile.OpenRead(path);
                if (archive.Entries.Sum(entry => (double)entry.CompressedLength) <= new FileInfo(path).Length)
                    return new ZipTree(archive) { Root = path };
                archive.Dispose();
                throw new GanException(
                    ExitCode.Data, $"{path} is no archive to be trusted: its files overlap. Pack the pictures anew, or get it again.");
            }
            catch (Exception fault) when (fault is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                archive?.Dispose();
                string why = fault is InvalidDataException ? "it is no zip archive, damaged or cut short" : FileFault.Cause(fault, path);
                throw new GanException(
                    ExitCode.Data, $"{path} can't be read: {why}. Get the file again, or name a folder of pictures.", fault);
            }
        }

        public override PictureTree ForAnotherThread() => Of(Root);

        public override void Dispose() => _archive.Dispose();

        public override IReadOnlyList<TreeEntry> List(string folder, Action<string> passOver)
        {
            if (folder.Length == 0)
                _passedOver.ForEach(passOver);
            return _folders.GetValueOrDefault(folder, []);
        }

        public override byte[]? Head(TreeEntry file)
        {
            try
            {
                using var stream = _files[file.Path].Open();
                var head = new byte[ImageFiles.HeadBytes];
                return head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
            }
            catch (Exception fault) when (fault is InvalidDataException or IOException or NotSupportedException)
            {
                return null;
            }
        }

        public override DecodedImage Read(TreeEntry file, Background background, PixelRoom room)
        {
            if (file.Length == 0)
                throw new GanException(ExitCode.Data, $"{file.Path} is empty.");
            return ImageFiles.Read(new MemoryStream(Content(file)), file.Path, background, room);
        }

        private byte[] Content(TreeEntry file)
        {
            var entry = _files[file.Path];
            if (entry.IsEncrypted)
                throw new GanException(ExitCode.Data, $"{file.Path} is encrypted. Pack the pictures without a password.");
            if (entry.Length > MaxFileBytes)
            {
                throw new GanException(
                    ExitCode.Data,
                    $"{file.Path} says that it has {entry.Length:N0} bytes, and at most {MaxFileBytes:N0} of a picture are read.");
            }
            if (entry.Length > entry.CompressedLength * Deflate.MaxExpansion)
                throw Damaged(file);
            try
            {
                using var stream = entry.Open();
                var bytes = new byte[entry.Length];
                bool isWhole = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length && stream.ReadByte() < 0;
                return isWhole && Crc32.HashToUInt32(bytes) == entry.Crc32 ? bytes : throw Damaged(file);
            }
            catch (Exception fault) when (fault is InvalidDataException or IOException or NotSupportedException)
            {
                throw Damaged(file, fault);
            }
        }

        private static GanException Damaged(TreeEntry file, Exception? fault = null) =>
            new(ExitCode.Data, $"{file.Path} is damaged in the archive, or packed by another method than zip's usual one.", fault);

        private void Add(ZipArchiveEntry entry)
        {
            string path = entry.FullName.Replace('\\', '/');
            bool isFolder = path.EndsWith('/');
            string[] parts = [.. path.TrimEnd('/').Split('/').Where(part => part != ".")];
            if (parts.Length == 0)
                return; // the archive's own folder
            path = string.Join('/', parts);
            if (parts.Any(part => part is "" or ".."))
                _passedOver.Add($"{path} (a name that leads out of the archive)");
            else if (parts.Length > MaxDepth)
                _passedOver.Add($"{parts[0]}/... (more than {MaxDepth} folders within each other)");
            else if (((entry.ExternalAttributes >> 16) & ModeMask) == LinkMode)
                _passedOver.Add($"{path} (a link)");
            else if (_files.ContainsKey(path))
                _passedOver.Add($"{path} (a second file of that name)");
            else
                Add(parts, isFolder, entry);
        }

        private void Add(string[] parts, bool isFolder, ZipArchiveEntry entry)
        {
            for (int depth = 1; depth <= parts.Length; depth++)
            {
                string path = string.Join('/', parts[..depth]), parent = string.Join('/', parts[..(depth - 1)]);
                if (!_folders.TryGetValue(parent, out var siblings))
                    _folders[parent] = siblings = [];
                bool isFile = depth == parts.Length && !isFolder;
                if (isFile)
                    siblings.Add(new TreeEntry(path, false, entry.Length, entry.Crc32));
                else if (_folders.TryAdd(path, []))
                    siblings.Add(new TreeEntry(path, true, 0, 0));
                if (isFile)
                    _files[path] = entry;
            }
        }
    }
}
