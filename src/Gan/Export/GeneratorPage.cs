using System.Text.Json;
using GanFromScratch.Autograd;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Models;
using GanFromScratch.Gan.Runs;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Export;

/// <summary>
/// Writes a generator as one HTML file that draws its pictures by itself, from weights that are in it: no other file and no network is
/// needed. Weights are halves (float16) where a picture is within a grey level of `gan sample`'s all the same; all else is floats.
/// </summary>
internal sealed class GeneratorPage
{
    private const string Template = "generator.html";
    private static readonly string[] Kinds =
    [
        "Linear", "Conv2d", "ConvTranspose2d", "BatchNorm", "Upsample", "EmbeddingProduct", "EmbeddingSum", "Dropout", "Activation",
        "Unflatten", "Flatten",
    ];

    private static readonly string[] Activations = ["LeakyReLU", "ReLU", "Tanh", "Sigmoid"];

    private readonly MemoryStream _weights = new();
    private readonly bool _hasHalves;

    private GeneratorPage(bool hasHalves) => _hasHalves = hasHalves;

    /// <summary>Returns the page's text.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="device">The device that it is on.</param>
    /// <exception cref="ArgumentException">It has a layer that the page can't compute.</exception>
    public static string Write(SavedGenerator generator, Device device)
    {
        var page = new GeneratorPage(HalvesAreEnough(generator, device));
        string model = JsonText.Of(json => page.Describe(json, generator));
        string weights = Convert.ToBase64String(page._weights.GetBuffer().AsSpan(0, (int)page._weights.Length));
        return EmbeddedText.Fill(
            typeof(GeneratorPage), Template, new() { ["recipe"] = generator.Recipe.Name, ["model"] = model, ["weights"] = weights });
    }

    // a trained network may magnify what halves lack: then they stay floats
    private static bool HalvesAreEnough(SavedGenerator generator, Device device)
    {
        int pictures = Math.Max(16, generator.Classes); // each row of a table
        var draws = new GeneratorPictures(generator, device);
        byte[] before = draws.OfSeed(0, pictures);
        var matrices = generator.Network.Parameters.Where(parameter => parameter.Value.Shape.Rank > 1).ToArray();
        float[][] values = [.. matrices.Select(parameter => parameter.Value.ToArray())];
        for (int i = 0; i < matrices.Length; i++)
            matrices[i].Value.CopyFrom([.. values[i].Select(value => (float)(Half)value)]);
        byte[] after = draws.OfSeed(0, pictures);
        for (int i = 0; i < matrices.Length; i++)
            matrices[i].Value.CopyFrom(values[i]);
        return before.Zip(after, (a, b) => Math.Abs(a - b)).Max() <= 1;
    }

    // the writer escapes <, so no name of a class ends the script that it is in
    private void Describe(Utf8JsonWriter json, SavedGenerator generator)
    {
        var (recipe, shape) = (generator.Recipe, generator.Shape);
        WriteNumbers(json, "picture", shape.Height, shape.Width, shape.Channels);
        json.WriteNumber("noise", recipe.NoiseSize);
        json.WriteBoolean("uniform", recipe.UniformNoise);
        json.WriteNumber("stream", (uint)SeedStream.Samples);
        json.WriteNumber("low", recipe.PixelRange.Low);
        json.WriteNumber("high", recipe.PixelRange.High);
        json.WriteStartArray("classes");
        for (int label = 0; label < generator.Classes; label++)
            json.WriteStringValue(generator.ClassNames?[label] ?? $"{label}");
        json.WriteEndArray();
        json.WriteStartArray("layers");
        var input = new Shape(1, recipe.NoiseSize);
        foreach (var layer in generator.Network.Layers)
        {
            var output = layer.OutputShape(input);
            if (!(layer is BatchNorm && recipe.SamplePass.SkipNormalisation))
                Describe(json, layer, input, output);
            input = output;
        }
        json.WriteEndArray();
    }

    private void Describe(Utf8JsonWriter json, Module layer, Shape input, Shape output)
    {
        var spec = layer.Specs.Single();
        string? unknown = !Kinds.Contains(spec.Kind) ? spec.Kind
            : spec.Activation is { Name: var name } && !Activations.Contains(name) ? name
            : null;
        if (unknown is not null)
            throw new ArgumentException($"GeneratorPage: the page can't compute {unknown}; add it to generator.html");
        json.WriteStartObject();
        json.WriteString("kind", spec.Kind);
        json.WriteNumber("inputs", input.Columns);
        json.WriteNumber("outputs", output.Columns);
        if (input.Rank == 4)
        {
            WriteNumbers(json, "size", input[1], input[2]);
            WriteNumbers(json, "result", output.Rank == 4 ? [output[1], output[2]] : []);
        }
        if (spec.Window is { } window)
        {
            json.WriteStartObject("window");
            json.WriteNumber("height", window.Height);
            json.WriteNumber("width", window.Width);
            json.WriteNumber("stride", window.Stride);
            json.WriteNumber("top", window.Top);
            json.WriteNumber("left", window.Left);
            json.WriteEndObject();
        }
        if (spec.Epsilon is { } epsilon)
            json.WriteNumber("epsilon", epsilon);
        if (spec.Activation is { } activation)
        {
            json.WriteStartObject("activation");
            json.WriteString("name", activation.Name);
            json.WriteOptional("parameter", activation.Parameter);
            json.WriteEndObject();
        }
        json.WriteStartArray("tensors");
        foreach (var parameter in layer.Parameters.Concat(layer.Statistics))
            Append(json, parameter.Value);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Append(Utf8JsonWriter json, Tensor tensor)
    {
        float[] values = tensor.ToArray();
        bool areHalves = _hasHalves && tensor.Shape.Rank > 1;
        json.WriteStartObject();
        json.WriteNumber("at", _weights.Length);
        json.WriteNumber("count", values.Length);
        json.WriteNumber("bits", areHalves ? 16 : 32);
        json.WriteEndObject();
        using var writer = new BinaryWriter(_weights, System.Text.Encoding.UTF8, leaveOpen: true);
        foreach (float value in values)
        {
            if (areHalves)
                writer.Write((Half)value);
            else
                writer.Write(value);
        }
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, params ReadOnlySpan<int> values)
    {
        json.WriteStartArray(name);
        foreach (int value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
