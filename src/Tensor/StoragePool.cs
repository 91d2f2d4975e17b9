namespace GanFromScratch.Tensors;

/// <summary>
/// Idle blocks of a device, by size; the oldest is lent first, so that a loop's steps get the same blocks for the same tensors.
/// </summary>
internal sealed class StoragePool
{
    private readonly Dictionary<int, PriorityQueue<Storage, int>> _idle = [];
    private StoragePool? _heir;

    /// <summary>Lends a block of a size; null if none is idle.</summary>
    public Storage? Take(int capacity) =>
        _idle.TryGetValue(capacity, out var blocks) && blocks.Count > 0 ? blocks.Dequeue() : null;

    /// <summary>Gives all blocks to another pool: the idle ones now, the others as they are returned.</summary>
    public void GiveTo(StoragePool heir)
    {
        _heir = heir;
        foreach (var storage in TakeAll())
            Return(storage);
    }

    /// <summary>Takes a block back.</summary>
    public void Return(Storage storage)
    {
        if (_heir is { } heir)
        {
            storage.Pool = heir;
            heir.Return(storage);
            return;
        }
        if (!_idle.TryGetValue(storage.Capacity, out var blocks))
            _idle.Add(storage.Capacity, blocks = new PriorityQueue<Storage, int>());
        blocks.Enqueue(storage, storage.Number);
    }

    /// <summary>Removes all idle blocks.</summary>
    public List<Storage> TakeAll()
    {
        var idle = _idle.Values.SelectMany(blocks => blocks.UnorderedItems).Select(block => block.Element).ToList();
        _idle.Clear();
        return idle;
    }
}
