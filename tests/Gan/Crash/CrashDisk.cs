namespace GanFromScratch.Tests;

/// <summary>Which of the calls that no flush has made sure of are on a disk after a power cut.</summary>
internal enum Surviving
{
    /// <summary>All, as after a kill of the program alone.</summary>
    All,

    /// <summary>None.</summary>
    Nothing,

    /// <summary>Names, and no bytes: a file of no length has the name of the one that it replaced.</summary>
    Names,

    /// <summary>Bytes, and no names.</summary>
    Bytes,

    /// <summary>Some, at random; a write may be torn.</summary>
    Some,
}

/// <summary>
/// A disk as POSIX promises it: bytes are sure to stay once their file is flushed, names once their folder is. Of what was not flushed, any
/// bytes may stay, while of a folder's names the first ones do, for file systems keep their order by a journal.
/// </summary>
internal sealed class CrashDisk
{
    private readonly string _root;
    private readonly Node _folder = new() { Names = [] };

    /// <summary>Makes a disk with an empty folder.</summary>
    /// <param name="root">The folder's path in calls.</param>
    public CrashDisk(string root) => _root = root;

    /// <summary>Carries a call out.</summary>
    public void Do(DiskCall call)
    {
        if (call.Kind == DiskCallKind.Flush)
        {
            Find(call.Path)?.Flush();
            return;
        }
        var (folder, name) = (Find(Path.GetDirectoryName(call.Path)!)!, Path.GetFileName(call.Path));
        switch (call.Kind)
        {
            case DiskCallKind.Create when folder.Current!.ContainsKey(name):
                break;
            case DiskCallKind.Create or DiskCallKind.MakeFolder:
                var made = new Node { Names = call.Kind == DiskCallKind.MakeFolder ? [] : null };
                folder.Change(names => names[name] = made);
                break;
            case DiskCallKind.Remove:
                folder.Change(names => names.Remove(name));
                break;
            case DiskCallKind.Rename:
                string to = Path.GetFileName(call.To);
                var moved = folder.Current![name];
                folder.Change(names =>
                {
                    names.Remove(name);
                    names[to] = moved;
                });
                break;
            default:
                folder.Current![name].Waiting.Add(call);
                break;
        }
    }

    /// <summary>Returns the files, by their paths in the folder, and the folders, with null, that are there after a power cut.</summary>
    public SortedDictionary<string, byte[]?> After(Surviving surviving, Random random)
    {
        var found = new SortedDictionary<string, byte[]?>(StringComparer.Ordinal);
        Collect(_folder, "");
        return found;

        void Collect(Node folder, string path)
        {
            foreach (var (name, node) in folder.NamesAfter(surviving, random))
            {
                string inside = Path.Combine(path, name);
                found[inside] = node.Names is null ? node.BytesAfter(surviving, random) : null;
                if (node.Names is not null)
                    Collect(node, inside);
            }
        }
    }

    private Node? Find(string path)
    {
        var node = _folder;
        foreach (string name in Path.GetRelativePath(_root, path).Split('/').Where(name => name != "."))
        {
            if (node.Current?.GetValueOrDefault(name) is not { } next)
                return null;
            node = next;
        }
        return node;
    }

    // a file, or a folder, which has names
    private sealed class Node
    {
        private readonly List<Action<Dictionary<string, Node>>> _changes = [];
        private byte[] _bytes = [];

        public List<DiskCall> Waiting { get; } = [];

        // those that are sure
        public Dictionary<string, Node>? Names { get; init; }

        public Dictionary<string, Node>? Current => field ??= Names is null ? null : new(Names);

        public void Change(Action<Dictionary<string, Node>> change)
        {
            change(Current!);
            _changes.Add(change);
        }

        public void Flush()
        {
            _bytes = Waiting.Aggregate(_bytes, (bytes, call) => Apply(bytes, call, call.Data.Length));
            Waiting.Clear();
            foreach (var change in _changes)
                change(Names!);
            _changes.Clear();
        }

        public Dictionary<string, Node> NamesAfter(Surviving surviving, Random random)
        {
            int kept = surviving switch
            {
                Surviving.All or Surviving.Names => _changes.Count,
                Surviving.Some => random.Next(_changes.Count + 1),
                _ => 0,
            };
            var names = new Dictionary<string, Node>(Names!);
            foreach (var change in _changes.Take(kept))
                change(names);
            return names;
        }

        public byte[] BytesAfter(Surviving surviving, Random random)
        {
            byte[] bytes = _bytes;
            foreach (var call in Waiting)
            {
                bool stays = surviving is Surviving.All or Surviving.Bytes || (surviving == Surviving.Some && random.Next(3) > 0);
                bool isTorn = surviving == Surviving.Some && random.Next(3) == 0;
                if (stays)
                    bytes = Apply(bytes, call, isTorn ? random.Next(call.Data.Length + 1) : call.Data.Length);
            }
            return bytes;
        }

        // bytes that nobody wrote are zeros
        private static byte[] Apply(byte[] bytes, DiskCall call, int written)
        {
            long end = call.Kind == DiskCallKind.SetLength ? call.Place : Math.Max(bytes.Length, call.Place + written);
            var changed = new byte[end];
            bytes.AsSpan(0, (int)Math.Min(bytes.Length, end)).CopyTo(changed);
            if (call.Kind == DiskCallKind.Write)
                call.Data.AsSpan(0, written).CopyTo(changed.AsSpan((int)call.Place));
            return changed;
        }
    }
}
