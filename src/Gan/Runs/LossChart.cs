using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Runs;

/// <summary>The curves of a run: `loss.svg`.</summary>
public static class LossChart
{
    /// <summary>
    /// Both networks' losses, beneath them how often the discriminator was right, and the energy distance; a panel without a value is left
    /// out. Means over epochs are strong lines, those over stretches of steps pale ones.
    /// </summary>
    /// <param name="title">What was trained on what.</param>
    /// <param name="epochs">The curves of D's and G's loss, of the shares of real pictures taken for real and of generated ones taken for
    /// generated, 0 to 1, and of the energy distance, over steps.</param>
    /// <param name="stretches">Those of the first four, over shorter stretches.</param>
    /// <param name="width">Steps of a stretch.</param>
    /// <param name="steps">Steps taken.</param>
    public static string Svg(
        string title, IReadOnlyList<ChartPoint[]> epochs, IReadOnlyList<ChartPoint[]> stretches, int width, int steps)
    {
        ChartPanel[] panels =
        [
            new("loss", [new("discriminator", epochs[0], stretches[0]), new("generator", epochs[1], stretches[1])]),
            new(
                "D's accuracy",
                [
                    new("right about real pictures", epochs[2], stretches[2]),
                    new("right about generated ones", epochs[3], stretches[3]),
                ],
                Low: 0,
                High: 1),
            new(
                "energy distance", [new("from real pictures to generated ones, at each epoch's end; lower is better", epochs[4], [])],
                IsRatio: true),
        ];
        string label = $"step; pale lines are {(width == 1 ? "single steps" : $"means of {width} steps")}, strong ones means of epochs";
        return LineChart.Svg(title, label, [.. panels.Where((panel, i) => i == 0 || panel.Series.Any(HasValues))], steps);
    }

    private static bool HasValues(ChartSeries series) => series.Points.Concat(series.Details).Any(point => double.IsFinite(point.Y));
}
