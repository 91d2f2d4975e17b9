using System.Globalization;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Files;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Training;

/// <summary>A training run's state in memory, written while training continues. Reused for the next one, it allocates nothing.</summary>
public sealed class Snapshot : IStateVisitor
{
    private readonly Dictionary<string, int> _places = [];
    private readonly List<(string Name, int[] Shape, float[] Values)> _tensors = [];

    /// <summary>Texts and numbers by name.</summary>
    public Dictionary<string, string> Texts { get; } = [];

    /// <summary>Tensors in the order of the visits, row-major.</summary>
    public IEnumerable<(string Name, int[] Shape, ReadOnlyMemory<float> Data)> Tensors =>
        _tensors.Select(tensor => (tensor.Name, tensor.Shape, (ReadOnlyMemory<float>)tensor.Values));

    /// <summary>The background write of the snapshot, which must not change until it has ended.</summary>
    public BackgroundWrite Writing { get; } = new();

    /// <summary>What must be on the disk before the snapshot: logs that it counts on.</summary>
    public List<Action> Prerequisites { get; } = [];

    /// <summary>Saves numbers that lie on no device.</summary>
    public void Values(string name, int[] shape, float[] values)
    {
        if (_places.TryAdd(name, _tensors.Count))
            _tensors.Add((name, shape, values));
        else
            _tensors[_places[name]] = (name, shape, values);
    }

    /// <inheritdoc/>
    public void VisitTensor(string name, Tensor tensor)
    {
        if (!_places.TryGetValue(name, out int place))
        {
            place = _places[name] = _tensors.Count;
            _tensors.Add((name, [.. Enumerable.Range(0, tensor.Shape.Rank).Select(axis => tensor.Shape[axis])], new float[tensor.Count]));
        }
        tensor.CopyTo(_tensors[place].Values);
    }

    /// <inheritdoc/>
    public long VisitInt64(string name, long value)
    {
        Texts[name] = value.ToString(CultureInfo.InvariantCulture);
        return value;
    }

    /// <inheritdoc/>
    public double VisitDouble(string name, double value)
    {
        Texts[name] = value.ToString("R", CultureInfo.InvariantCulture);
        return value;
    }
}
