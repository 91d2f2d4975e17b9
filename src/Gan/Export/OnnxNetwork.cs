using GanFromScratch.Autograd;
using GanFromScratch.Gan.Models;

namespace GanFromScratch.Gan.Export;

/// <summary>
/// Writes a network into an ONNX graph as it is in use: running statistics, no dropout, weights that are divided by their singular values.
/// Parameters keep the names and shapes that they have in `generator.safetensors`. Pictures are [N, H, W, C] outside of the graph, as
/// everywhere in this program, and [N, C, H, W] within, where ONNX's operators have them so.
/// </summary>
/// <param name="graph">Gets the nodes.</param>
/// <param name="classes">The name of the classes' input [N, classes]; null: there is none.</param>
/// <param name="skipsNormalisation">Whether batch normalisation is left out, as one document draws.</param>
internal sealed class OnnxNetwork(OnnxGraph graph, string? classes, bool skipsNormalisation = false)
{
    private readonly Dictionary<string, int> _counts = [];

    private enum Form
    {
        Rows,
        ChannelsLast,
        ChannelsFirst,
    }

    /// <summary>Adds all layers.</summary>
    /// <param name="network">The network.</param>
    /// <param name="input">The name of its input.</param>
    /// <param name="ofPictures">Whether that is pictures [N, H, W, C]; otherwise rows.</param>
    /// <param name="output">The name that the output gets.</param>
    /// <param name="picture">The extents of a picture, if the output is pictures; null: it is rows.</param>
    public void Add(Sequential network, string input, bool ofPictures, string output, (int Height, int Width, int Channels)? picture)
    {
        var x = network.Layers.Aggregate(new Value(input, ofPictures ? Form.ChannelsLast : Form.Rows), Layer);
        if (picture is { } extents)
            x = Unflattened(x, extents);
        else
            x = As(Form.Rows, x);
        graph.Add(output, "Identity", [x.Name]);
    }

    private Value Layer(Value x, Module layer)
    {
        if (layer.Parts.Count == 1)
            return Part(x, layer);
        x = As(Form.Rows, x);
        string[] parts = [.. layer.Parts.Select(part => Part(x, part).Name)];
        return layer.Specs[^1].Kind switch
        {
            "Concat" => new(graph.Add(Numbered("concat"), "Concat", parts, ("axis", 1)), Form.Rows),
            "Sum" => new(graph.Add(Numbered("sum"), "Add", parts), Form.Rows),
            var kind => throw Unknown(kind),
        };
    }

    private Value Part(Value x, Module layer)
    {
        var spec = layer.Specs[0];
        var y = spec.Kind switch
        {
            "Linear" => Apply(layer, "Gemm", As(Form.Rows, x), ("transB", 1)),
            "Conv2d" or "ConvTranspose2d" => Convolved(x, layer, spec),
            "BatchNorm" => Normalised(x, layer, spec),
            "Dropout" or "Activation" => x,
            "Unflatten" => Unflattened(x, spec.Picture!.Value),
            "Flatten" => As(Form.ChannelsLast, x),
            "Upsample" => Doubled(As(Form.ChannelsFirst, x)),
            "ZeroPad" => Padded(As(Form.ChannelsFirst, x), spec.Padding!.Value),
            "EmbeddingProduct" => Embedded(As(Form.Rows, x), layer, "Mul"),
            "EmbeddingSum" => Embedded(As(Form.Rows, x), layer, "Add"),
            "EmbeddingDot" => Dot(As(Form.Rows, x), layer),
            _ => throw Unknown(spec.Kind),
        };
        return spec.Activation is { } activation ? Activated(y, activation) : y;
    }

    private Value Apply(Module layer, string kind, Value x, params IEnumerable<(string Name, object Value)> attributes)
    {
        string name = layer.Parameters[0].Name.Split('.')[0];
        var all = layer.Specs[0].SpectralNorm ? layer.Parameters : layer.Parameters.Concat(layer.Statistics);
        string[] parameters = [.. all.Select(parameter => Constant(layer, parameter))];
        return x with { Name = graph.Add(name, kind, [x.Name, .. parameters], attributes) };
    }

    private Value Convolved(Value x, Module layer, LayerSpec spec)
    {
        var window = spec.Window!.Value;
        string kind = spec.Kind == "Conv2d" ? "Conv" : "ConvTranspose";
        return Apply(
            layer, kind, As(Form.ChannelsFirst, x), ("kernel_shape", new[] { window.Height, window.Width }),
            ("strides", new[] { window.Stride, window.Stride }), ("pads", new[] { window.Top, window.Left, window.Bottom, window.Right }));
    }

    private Value Normalised(Value x, Module layer, LayerSpec spec)
    {
        if (skipsNormalisation)
            return x;
        x = x.Form == Form.Rows ? x : As(Form.ChannelsFirst, x);
        return Apply(layer, "BatchNormalization", x, ("epsilon", spec.Epsilon!.Value));
    }

    private Value Doubled(Value x)
    {
        string name = Numbered("upsample");
        string scales = graph.Add($"{name}.scales", [4], [1f, 1f, 2f, 2f]);
        return x with
        {
            Name = graph.Add(
                name, "Resize", [x.Name, "", scales], ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"),
                ("nearest_mode", "floor")),
        };
    }

    private Value Padded(Value x, (int Top, int Bottom, int Left, int Right) zeros)
    {
        string name = Numbered("pad");
        string pads = graph.Add($"{name}.pads", [0, 0, zeros.Top, zeros.Left, 0, 0, zeros.Bottom, zeros.Right]);
        return x with { Name = graph.Add(name, "Pad", [x.Name, pads]) };
    }

    private Value Embedded(Value x, Module layer, string kind)
    {
        var table = layer.Parameters[0];
        string prefix = table.Name.Split('.')[0];
        string rows = graph.Add($"{prefix}.rows", "MatMul", [classes!, Constant(layer, table)]);
        return x with { Name = graph.Add(prefix, kind, [x.Name, rows]) };
    }

    private Value Dot(Value x, Module layer)
    {
        var product = Embedded(x, layer, "Mul");
        string axes = graph.Add("projection.axes", [1]);
        return product with { Name = graph.Add("projection", "ReduceSum", [product.Name, axes], ("keepdims", 1)) };
    }

    private Value Activated(Value x, ActivationSpec activation)
    {
        string kind = activation.Name switch
        {
            "LeakyReLU" => "LeakyRelu",
            "ReLU" => "Relu",
            "Tanh" or "Sigmoid" or "Softplus" => activation.Name,
            var name => throw Unknown(name),
        };
        (string, object)[] attributes = activation.Parameter is { } slope ? [("alpha", slope)] : [];
        return x with { Name = graph.Add(Numbered(kind.ToLowerInvariant()), kind, [x.Name], attributes) };
    }

    private Value Unflattened(Value x, (int Height, int Width, int Channels) picture)
    {
        if (x.Form != Form.Rows)
            return As(Form.ChannelsLast, x);
        string name = Numbered("unflatten");
        string shape = graph.Add($"{name}.shape", [0, picture.Height, picture.Width, picture.Channels]); // 0: as many as come in
        return new(graph.Add(name, "Reshape", [x.Name, shape]), Form.ChannelsLast);
    }

    private Value As(Form form, Value x)
    {
        if (x.Form == form)
            return x;
        return (x.Form, form) switch
        {
            (Form.ChannelsFirst, Form.ChannelsLast) => Transposed([0, 2, 3, 1]),
            (Form.ChannelsLast, Form.ChannelsFirst) => Transposed([0, 3, 1, 2]),
            (Form.ChannelsLast, Form.Rows) => new(graph.Add(Numbered("flatten"), "Flatten", [x.Name], ("axis", 1)), form),
            (Form.ChannelsFirst, Form.Rows) => As(Form.Rows, As(Form.ChannelsLast, x)),
            _ => throw new ArgumentException($"OnnxNetwork: rows of {x.Name} are no pictures"),
        };

        Value Transposed(int[] axes) => new(graph.Add(Numbered("transpose"), "Transpose", [x.Name], ("perm", axes)), form);
    }

    private string Constant(Module layer, Parameter parameter)
    {
        float[] own = parameter.Value.ToArray();
        if (layer.Specs[0].SpectralNorm && parameter == layer.Parameters[0])
            Divide(own, parameter.Value.Shape.Columns, layer.Statistics);
        var values = new float[own.Length];
        TorchLayout.Export(parameter, own, values);
        return graph.Add(parameter.Name, TorchLayout.ShapeOf(parameter), values);
    }

    /// <summary>Divides a weight [rows, columns] by vᵀ·w·u.</summary>
    private static void Divide(float[] weight, int columns, IReadOnlyList<Parameter> vectors)
    {
        float[] u = vectors[0].Value.ToArray(), v = vectors[1].Value.ToArray();
        double largest = 0;
        for (int i = 0; i < weight.Length; i++)
            largest += (double)v[i / columns] * weight[i] * u[i % columns];
        for (int i = 0; i < weight.Length; i++)
            weight[i] = (float)(weight[i] / largest);
    }

    private static ArgumentException Unknown(string what) => new($"OnnxNetwork: there is no operator for {what}; add it there");

    // relu1, relu2, ...
    private string Numbered(string name) => $"{name}{_counts[name] = _counts.GetValueOrDefault(name) + 1}";

    private readonly record struct Value(string Name, Form Form);
}
