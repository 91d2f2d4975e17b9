using System.Globalization;
using GanFromScratch.Autograd;

namespace GanFromScratch.Gan;

/// <summary>A generator alone, as PyTorch names and lays out its parameters: a dense layer's weight is [out, in], the transpose of the one here.</summary>
internal static class GeneratorFile
{
    private const string FormatVersion = "1";

    /// <summary>Writes `generator.safetensors`.</summary>
    public static void Write(string path, TrainingPlan plan, Sequential generator)
    {
        var (low, high) = plan.Recipe.PixelRange;
        var metadata = new Dictionary<string, string>
        {
            ["format_version"] = FormatVersion,
            ["recipe"] = plan.Recipe.Name,
            ["as_written"] = plan.Recipe.AsWritten ? "true" : "false",
            ["layers"] = generator.Description,
            ["noise"] = plan.Recipe.NoiseName,
            ["noise_size"] = plan.Recipe.NoiseSize.ToString(CultureInfo.InvariantCulture),
            ["pixel_low"] = low.ToString(CultureInfo.InvariantCulture),
            ["pixel_high"] = high.ToString(CultureInfo.InvariantCulture),
            ["picture"] = $"{plan.Images.Height}x{plan.Images.Width}x{plan.Images.Channels}",
        };
        var tensors = generator.Layers.SelectMany(layer => layer.Parameters.Concat(layer.Statistics)).Select(Row);
        WholeFile.Write(path, stream => Safetensors.Write(stream, tensors, metadata));
    }

    private static (string Name, int[] Shape, ReadOnlyMemory<float> Data) Row(Parameter parameter)
    {
        var values = parameter.Value.ToArray();
        var shape = parameter.Value.Shape;
        return shape.Rank == 2
            ? (parameter.Name, [shape[1], shape[0]], Transposed(values, shape[0], shape[1]))
            : (parameter.Name, [shape.Count], values);
    }

    private static float[] Transposed(float[] values, int rows, int columns)
    {
        var result = new float[values.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
                result[(column * rows) + row] = values[(row * columns) + column];
        }
        return result;
    }
}
