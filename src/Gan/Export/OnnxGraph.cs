using System.Runtime.InteropServices;
using GanFromScratch.Gan.Files;

namespace GanFromScratch.Gan.Export;

/// <summary>
/// A graph of ONNX operators (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, IR version 8, operator set 17), written node by node.
/// Values have names; each node makes one, named after it.
/// </summary>
internal sealed class OnnxGraph
{
    private const int IrVersion = 8, OperatorSet = 17, Float = 1, Int64 = 7;
    private readonly List<ProtoMessage> _nodes = [], _constants = [], _inputs = [], _outputs = [];
    private readonly HashSet<string> _names = [];

    private enum AttributeKind
    {
        Float = 1,
        Int = 2,
        Text = 3,
        Ints = 7,
    }

    /// <summary>Adds an operator.</summary>
    /// <param name="name">The node's name, and its output's.</param>
    /// <param name="kind">The operator, such as `Gemm`.</param>
    /// <param name="inputs">The names of its inputs; an empty one is left out.</param>
    /// <param name="attributes">Its attributes: floats, whole numbers, texts, or lists of whole numbers.</param>
    /// <returns>The output's name.</returns>
    public string Add(string name, string kind, IEnumerable<string> inputs, params IEnumerable<(string Name, object Value)> attributes)
    {
        Claim(name);
        _nodes.Add(new ProtoMessage().AddEach(1, inputs).Add(2, name).Add(3, name).Add(4, kind)
            .AddEach(5, attributes.Select(attribute => Attribute(attribute.Name, attribute.Value))));
        return name;
    }

    /// <summary>Adds numbers that don't change.</summary>
    /// <returns>Their name.</returns>
    public string Add(string name, IReadOnlyList<int> shape, ReadOnlySpan<float> values) =>
        Constant(name, shape, Float, MemoryMarshal.AsBytes(values));

    /// <summary>Adds whole numbers that don't change, such as the shape of a `Reshape`.</summary>
    /// <returns>Their name.</returns>
    public string Add(string name, ReadOnlySpan<long> values) => Constant(name, [values.Length], Int64, MemoryMarshal.AsBytes(values));

    /// <summary>Names an input of the graph, of any number of rows.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="row">The extents of a row.</param>
    /// <param name="about">What it is.</param>
    public string Input(string name, IReadOnlyList<int> row, string about)
    {
        Claim(name);
        _inputs.Add(Described(name, row, about));
        return name;
    }

    /// <summary>Names a node's output as the graph's.</summary>
    public void Output(string name, IReadOnlyList<int> row, string about) => _outputs.Add(Described(name, row, about));

    /// <summary>Returns the whole model.</summary>
    /// <param name="name">The graph's name.</param>
    /// <param name="version">The version of this program.</param>
    /// <param name="about">What it is.</param>
    /// <param name="texts">More texts by key.</param>
    public ProtoMessage Model(string name, string version, string about, IReadOnlyDictionary<string, string> texts)
    {
        var graph = new ProtoMessage().AddEach(1, _nodes).Add(2, name)
            .AddEach(5, _constants).AddEach(11, _inputs).AddEach(12, _outputs);
        return new ProtoMessage().Add(1, IrVersion).Add(2, "gan").Add(3, version).Add(6, about).Add(7, graph)
            .Add(8, new ProtoMessage().Add(1, "").Add(2, OperatorSet))
            .AddEach(14, texts.OrderBy(text => text.Key, StringComparer.Ordinal)
                .Select(text => new ProtoMessage().Add(1, text.Key).Add(2, text.Value)));
    }

    // a tensor's type: floats, of an unknown number of rows
    private static ProtoMessage Described(string name, IReadOnlyList<int> row, string about)
    {
        var shape = new ProtoMessage().Add(1, new ProtoMessage().Add(2, "batch"))
            .AddEach(1, row.Select(extent => new ProtoMessage().Add(1, extent)));
        var type = new ProtoMessage().Add(1, new ProtoMessage().Add(1, Float).Add(2, shape));
        return new ProtoMessage().Add(1, name).Add(2, type).Add(3, about);
    }

    private static ProtoMessage Attribute(string name, object value)
    {
        var attribute = new ProtoMessage().Add(1, name);
        return value switch
        {
            float number => attribute.Add(2, number).Add(20, (int)AttributeKind.Float),
            int number => attribute.Add(3, number).Add(20, (int)AttributeKind.Int),
            string text => attribute.Add(4, text).Add(20, (int)AttributeKind.Text),
            int[] numbers => attribute.AddEach(8, numbers).Add(20, (int)AttributeKind.Ints),
            _ => throw new ArgumentException($"OnnxGraph: the attribute {name} is a {value.GetType().Name}"),
        };
    }

    private string Constant(string name, IReadOnlyList<int> shape, int type, ReadOnlySpan<byte> bytes)
    {
        Claim(name);
        _constants.Add(new ProtoMessage().AddEach(1, shape).Add(2, type).Add(8, name).Add(9, bytes));
        return name;
    }

    private void Claim(string name)
    {
        if (!_names.Add(name))
            throw new ArgumentException($"OnnxGraph: the name '{name}' is taken");
    }
}
