using System.Globalization;
using System.Text.Json;
using GanFromScratch.Gan.Files;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>The value of a metric for one set of pictures.</summary>
/// <param name="Value">The value.</param>
/// <param name="Error">Its standard error, or null.</param>
/// <param name="Classes">The classes of the pictures, for a metric that compares classes; otherwise null.</param>
internal readonly record struct QualityValue(double Value, double? Error = null, ClassHistogram? Classes = null)
{
    /// <summary>A value alone.</summary>
    public static implicit operator QualityValue(double value) => new(value);

    /// <summary>A mean and its standard error.</summary>
    public static implicit operator QualityValue((double Mean, double Error) value) => new(value.Mean, value.Error);
}

/// <summary>
/// A metric of an evaluation. The lists of all of them, one for each kind of features, are what an evaluation computes, shows as a table,
/// and writes to `evaluation.json`, in this order: a new metric is one line here and the method that computes it.
/// </summary>
/// <param name="Name">The name in the table.</param>
/// <param name="Key">The key in the JSON file.</param>
/// <param name="Compute">Computes the value of one set of pictures against the test pictures.</param>
/// <param name="Format">The number format in the table.</param>
/// <param name="Note">The note at the end of the line in the table.</param>
internal sealed record QualityMetric(string Name, string Key, Func<Comparison, QualityValue> Compute, string Format, string Note)
{
    private const string Percent = "0.0 %";
    private const string KernelNote = "0 is best; with its standard error";
    private const string PrecisionNote = "share of them that lie among real ones", RecallNote = "share of real ones that lie among them";

    /// <summary>The metrics of a classifier's features.</summary>
    public static IReadOnlyList<QualityMetric> OfClassifier { get; } =
    [
        new("classifier Frechet distance", "classifier_frechet_distance", FrechetDistance.Of, "0.000", "0 is best; no FID")
        {
            HasFloor = true,
        },
        new("kernel distance", "kernel_distance", KernelDistance.Of, "0.0000", KernelNote),
        new("precision", "precision", sets => sets.PrecisionRecall.Precision, Percent, PrecisionNote),
        new("recall", "recall", sets => sets.PrecisionRecall.Recall, Percent, RecallNote),
        new("confidence", "confidence", sets => sets.Pictures.MeanConfidence, Percent, "mean probability of the predicted class"),
        new(
            "KL of classes", "kl_of_classes", ClassHistogram.Divergence, "0.0000",
            "from the test pictures' classes; infinite if they lack one"),
    ];

    /// <summary>The metrics of principal components of pixels.</summary>
    public static IReadOnlyList<QualityMetric> OfPixels { get; } =
    [
        new("PCA Frechet distance", "pca_frechet_distance", FrechetDistance.Of, "0.000", "0 is best; no FID") { HasFloor = true },
        new("PCA kernel distance", "pca_kernel_distance", KernelDistance.Of, "0.0000", KernelNote),
        new("PCA precision", "pca_precision", sets => sets.PrecisionRecall.Precision, Percent, PrecisionNote),
        new("PCA recall", "pca_recall", sets => sets.PrecisionRecall.Recall, Percent, RecallNote),
        new("PCA variety", "pca_variety", FrechetDistance.Variety, Percent, "how far apart they are, of the test pictures"),
    ];

    /// <summary>The metric of pictures that were asked for by class.</summary>
    public static QualityMetric AskedFor { get; } = new(
        "class asked for", "class_asked_for", sets => sets.ShareAsAsked, Percent, "share that the classifier takes for what was asked");

    /// <summary>All metrics, whatever the features.</summary>
    public static IReadOnlyList<QualityMetric> All { get; } = [.. OfClassifier, AskedFor, .. OfPixels];

    /// <summary>The metrics of a kind of features.</summary>
    /// <param name="kind">The features.</param>
    /// <param name="areAskedFor">Whether pictures were asked for by class.</param>
    public static IReadOnlyList<QualityMetric> Of(FeatureKind kind, bool areAskedFor) => kind == FeatureKind.Pixels
        ? OfPixels
        : areAskedFor ? [.. OfClassifier, AskedFor] : OfClassifier;

    /// <summary>Whether two random parts of real pictures are measured too, as the floor: the value that chance alone gives.</summary>
    public bool HasFloor { get; init; }

    /// <summary>The value as the table shows it.</summary>
    public string Show(QualityValue value) =>
        Number(value.Value) + (value.Error is { } error ? $" ± {Number(error)}" : "");

    /// <summary>Writes the value, and with it what it comes with.</summary>
    public void Write(Utf8JsonWriter json, QualityValue value)
    {
        value.Classes?.Write(json, "classes");
        json.WriteOptional(Key, value.Value);
        if (value.Error is { } error)
            json.WriteOptional($"{Key}_standard_error", error);
    }

    private string Number(double value) => value.ToString(Format, CultureInfo.InvariantCulture);
}
