using GanFromScratch.Gan.Images;

namespace GanFromScratch.Gan.Runs;

/// <summary>The loss curves of a run: `loss.svg`.</summary>
public static class LossChart
{
    /// <summary>
    /// Both networks' losses, and beneath them how often the discriminator was right, where that was counted. One value per epoch from the
    /// first; NaN where there is none.
    /// </summary>
    /// <param name="title">What was trained on what.</param>
    /// <param name="discriminator">The discriminator's loss.</param>
    /// <param name="generator">The generator's loss.</param>
    /// <param name="accuracyReal">The share of real pictures taken for real, 0 to 1; empty leaves the curve out.</param>
    /// <param name="accuracyFake">The share of generated pictures taken for generated, 0 to 1; empty leaves the curve out.</param>
    public static string Svg(
        string title,
        IReadOnlyList<double> discriminator,
        IReadOnlyList<double> generator,
        IReadOnlyList<double> accuracyReal,
        IReadOnlyList<double> accuracyFake)
    {
        var panels = new List<ChartPanel> { new("loss", [new("discriminator", discriminator), new("generator", generator)]) };
        var accuracies = new List<ChartSeries>
        {
            new("right about real pictures", accuracyReal),
            new("right about generated ones", accuracyFake),
        };
        accuracies.RemoveAll(series => series.Values.Count == 0);
        if (accuracies.Count > 0)
            panels.Add(new ChartPanel("D's accuracy", accuracies, Low: 0, High: 1));
        return LineChart.Svg(title, "epoch", panels);
    }
}
