using GanFromScratch.Autograd;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Export;

/// <summary>Makes ONNX models of a run's networks.</summary>
internal static class OnnxModel
{
    private const string Noise = "noise", Classes = "classes", Pictures = "pictures", Logits = "logits";

    /// <summary>
    /// Returns the model of a generator: `noise` [batch, z], and `classes` [batch, classes] of a conditional one, to `pictures`
    /// [batch, height, width, channels].
    /// </summary>
    public static ProtoMessage Of(SavedGenerator generator)
    {
        var (recipe, shape) = (generator.Recipe, generator.Shape);
        var graph = new OnnxGraph();
        graph.Input(Noise, [recipe.NoiseSize], $"random numbers of {recipe.NoiseName}");
        var network = new OnnxNetwork(graph, ClassesOf(generator, graph), recipe.SamplePass.SkipNormalisation);
        network.Add(generator.Network, Noise, ofPictures: false, Pictures, (shape.Height, shape.Width, shape.Channels));
        graph.Output(Pictures, [shape.Height, shape.Width, shape.Channels], Range(generator));
        return Model(graph, generator, generator.Network, "generator", $"The generator of gan's recipe {recipe.Name}");
    }

    /// <summary>
    /// Returns the model of a discriminator: `pictures` [batch, height, width, channels], or [batch, pack, height, width, channels] where
    /// some are judged together, and `classes` of a conditional one, to `logits` [batch, 1], with more columns where it names classes.
    /// </summary>
    /// <param name="generator">The generator of the same run.</param>
    /// <param name="network">The discriminator.</param>
    /// <param name="pack">Pictures that are judged together.</param>
    public static ProtoMessage Of(SavedGenerator generator, Sequential network, int pack)
    {
        var shape = generator.Shape;
        var graph = new OnnxGraph();
        int[] picture = [shape.Height, shape.Width, shape.Channels];
        graph.Input(Pictures, pack == 1 ? picture : [pack, .. picture], Range(generator));
        string? classes = network.Specs.Any(spec => spec.Labels is not null) ? ClassesOf(generator, graph) : null;
        new OnnxNetwork(graph, classes).Add(network, Pictures, ofPictures: true, Logits, null);
        int columns = network.OutputShape(new Shape(1, shape.Length * pack)).Columns;
        graph.Output(Logits, [columns], "above 0: real; further columns name classes");
        return Model(graph, generator, network, "discriminator", $"The discriminator of gan's recipe {generator.Recipe.Name}");
    }

    private static string? ClassesOf(SavedGenerator generator, OnnxGraph graph) => generator.Classes == 0
        ? null
        : graph.Input(Classes, [generator.Classes], "1 for the class asked for, 0 for others; or shares of some");

    private static string Range(SavedGenerator generator)
    {
        var (low, high) = generator.Recipe.PixelRange;
        return FormattableString.Invariant($"pixels from {low} (black) to {high} (white), channels last");
    }

    private static ProtoMessage Model(OnnxGraph graph, SavedGenerator generator, Sequential network, string name, string about)
    {
        var texts = new Dictionary<string, string>();
        GeneratorFile.Describe(texts, generator.Recipe, generator.Shape, network, generator.ClassNames);
        return graph.Model(name, ProgramVersion.Text, about, texts);
    }
}
