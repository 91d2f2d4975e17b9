using System.Globalization;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Kernels;

namespace GanFromScratch.Gan.Export;

/// <summary>
/// Writes a generator's definition as a Python file, whose class loads `generator.safetensors` beside it. It needs PyTorch alone.
/// </summary>
internal sealed class TorchModule
{
    private const string Template = "generator.py", Indent = "        ";
    private readonly List<string> _layers = [], _forward = [];
    private bool _ofPictures;

    private TorchModule()
    {
    }

    /// <summary>Returns the file's text.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="weights">The name of the file with its weights.</param>
    public static string Write(SavedGenerator generator, string weights)
    {
        var module = new TorchModule();
        foreach (var layer in generator.Network.Layers)
            module.Add(layer.Specs.Single(), layer.Parameters, generator.Recipe.SamplePass.SkipNormalisation);
        var (recipe, shape) = (generator.Recipe, generator.Shape);
        if (!module._ofPictures)
            module.Forward($"x = x.reshape(-1, {shape.Height}, {shape.Width}, {shape.Channels}).permute(0, 3, 1, 2)");
        var (low, high) = recipe.PixelRange;
        bool hasClasses = generator.Classes > 0;
        string noise = recipe.UniformNoise ? $"torch.rand(64, {recipe.NoiseSize}) * 2 - 1" : $"torch.randn(64, {recipe.NoiseSize})";
        string from = $"Noise [N, {recipe.NoiseSize}] of {recipe.NoiseName}{(hasClasses ? ", and classes [N]," : "")}";
        string to = FormattableString.Invariant($"pictures [N, {shape.Channels}, {shape.Height}, {shape.Width}] from {low} to {high}");
        return EmbeddedText.Fill(typeof(TorchModule), Template, new()
        {
            ["recipe"] = recipe.Name,
            ["example"] = hasClasses ? $"{noise}, torch.arange(64) % {generator.Classes}" : noise,
            ["about"] = $"{from} to {to}.",
            ["layers"] = string.Join('\n', module._layers),
            ["arguments"] = hasClasses ? "x, classes" : "x",
            ["forward"] = string.Join('\n', module._forward),
            ["weights"] = weights,
        });
    }

    private void Add(LayerSpec spec, IReadOnlyList<Parameter> parameters, bool skipsNormalisation)
    {
        string name = parameters.Count > 0 ? parameters[0].Name.Split('.')[0] : "";
        switch (spec.Kind)
        {
            case "Linear":
                if (_ofPictures)
                    Forward("x = x.permute(0, 2, 3, 1).flatten(1)");
                _ofPictures = false;
                Layer(name, $"Linear({spec.Inputs}, {spec.Outputs})");
                break;
            case "Conv2d" or "ConvTranspose2d":
                Convolution(name, spec, spec.Window!.Value);
                break;
            case "BatchNorm":
                string settings = FormattableString.Invariant($"eps={spec.Epsilon}, momentum={1 - (decimal)spec.Momentum!}");
                Layer(name, $"BatchNorm{(_ofPictures ? 2 : 1)}d({spec.Outputs}, {settings})", isUsed: !skipsNormalisation);
                break;
            case "EmbeddingProduct" or "EmbeddingSum":
                Layer(name, $"Embedding({spec.Labels}, {spec.Outputs})", isUsed: false);
                Forward($"x = x {(spec.Kind == "EmbeddingSum" ? '+' : '*')} self.{name}(classes)");
                break;
            case "Unflatten":
                var (height, width, channels) = spec.Picture!.Value;
                Forward($"x = x.reshape(-1, {height}, {width}, {channels}).permute(0, 3, 1, 2) # channels are last in a row");
                _ofPictures = true;
                break;
            case "Upsample":
                Forward("x = functional.interpolate(x, scale_factor=2)");
                break;
            case "ZeroPad":
                var zeros = spec.Padding!.Value;
                Forward($"x = functional.pad(x, ({zeros.Left}, {zeros.Right}, {zeros.Top}, {zeros.Bottom}))");
                break;
            case "Dropout" or "Activation" or "Flatten":
                break; // nothing is dropped when pictures are drawn; and the last layer's pictures stay pictures
            default:
                throw new ArgumentException($"TorchModule: there is no module for {spec.Kind}; add it there");
        }
        if (spec.Activation is { } activation)
            Forward($"x = {Activated(activation)}");
    }

    private void Convolution(string name, LayerSpec spec, Window window)
    {
        var (top, bottom, left, right) = (window.Top, window.Bottom, window.Left, window.Right);
        bool isEven = top == bottom && left == right;
        string padding = isEven ? $", padding=({top}, {left})" : "";
        bool transposed = spec.Kind == "ConvTranspose2d";
        if (!isEven && !transposed)
            Forward($"x = functional.pad(x, ({left}, {right}, {top}, {bottom}))");
        string size = $"({window.Height}, {window.Width}), stride={window.Stride}{padding}";
        Layer(name, $"{spec.Kind}({spec.Inputs}, {spec.Outputs}, {size})");
        if (!isEven && transposed)
            Forward($"x = functional.pad(x, ({-left}, {-right}, {-top}, {-bottom}))");
    }

    private static string Activated(ActivationSpec activation) => activation.Name switch
    {
        "LeakyReLU" => string.Create(CultureInfo.InvariantCulture, $"functional.leaky_relu(x, {activation.Parameter})"),
        "ReLU" or "Tanh" or "Sigmoid" => $"torch.{activation.Name.ToLowerInvariant()}(x)",
        var name => throw new ArgumentException($"TorchModule: there is no function for {name}; add it there"),
    };

    private void Layer(string name, string module, bool isUsed = true)
    {
        _layers.Add($"{Indent}self.{name} = nn.{module}");
        if (isUsed)
            Forward($"x = self.{name}(x)");
    }

    private void Forward(string line) => _forward.Add(Indent + line);
}
