using GanFromScratch.Autograd;
using GanFromScratch.Gan.Terminal;
using GanFromScratch.Tensors;

namespace GanFromScratch.Gan.Commands;

/// <summary>Shows a network as a table of layers, output shapes and numbers of parameters.</summary>
internal static class NetworkSummary
{
    /// <summary>Shows a network.</summary>
    /// <param name="screen">The screen.</param>
    /// <param name="title">The name of the network.</param>
    /// <param name="network">The network.</param>
    /// <param name="inputs">Columns of its input [N, inputs].</param>
    public static void Say(Screen screen, string title, Sequential network, int inputs)
    {
        var shape = new Shape(1, inputs);
        List<(string Layer, string Output, string Count)> rows = [("input", Batched(shape), "")];
        foreach (var layer in network.Layers)
        {
            shape = layer.OutputShape(shape);
            int count = layer.Parameters.Concat(layer.Statistics).Sum(p => p.Value.Count);
            rows.Add((layer.Description, Batched(shape), $"{count:N0}"));
        }
        screen.Say($"{title}: {Counted(network)}");
        var table = new TextTable(
            screen, ("  layer", -2 - rows.Max(row => row.Layer.Length)), ("output", -rows.Max(row => row.Output.Length)),
            ("parameters", Math.Max("parameters".Length, rows.Max(row => row.Count.Length))));
        table.Header();
        foreach (var (layer, output, count) in rows)
            table.Row($"  {layer}", output, count);
    }

    private static string Batched(Shape shape) =>
        $"[N, {string.Join(", ", Enumerable.Range(1, shape.Rank - 1).Select(axis => shape[axis]))}]";

    private static string Counted(Sequential network) => network.TotalCount == network.TrainableCount
        ? $"{network.TotalCount:N0} parameters"
        : $"{network.TotalCount:N0} parameters ({network.TrainableCount:N0} trainable)";
}
