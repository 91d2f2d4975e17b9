using GanFromScratch.Gan.Recipes;

namespace GanFromScratch.Gan.Training;

/// <summary>The means over one epoch, or over the last part of one.</summary>
/// <param name="Epoch">The epoch's number, from 1.</param>
/// <param name="Step">Steps taken in all.</param>
/// <param name="IsWhole">Whether all of the epoch's steps were taken.</param>
/// <param name="HasNorms">Whether the last step measured the norms of gradients.</param>
/// <param name="Mean">Mean losses and accuracies; the last step's gradient norms.</param>
/// <param name="Log">What the recipe's own log shows.</param>
/// <param name="Collapse">What the losses don't show.</param>
/// <param name="Seconds">Duration of the epoch's steps.</param>
/// <param name="ImagesPerSecond">Real pictures trained on a second.</param>
public sealed record EpochReport(
    int Epoch,
    int Step,
    bool IsWhole,
    bool HasNorms,
    MetricValues Mean,
    MetricValues Log,
    CollapseReport Collapse,
    double Seconds,
    double ImagesPerSecond);
