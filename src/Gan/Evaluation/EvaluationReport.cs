using System.Text.Json;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Files;
using GanFromScratch.Gan.Images;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Evaluation;

/// <summary>What an evaluation leaves: a table on the screen, `evaluation.json`, and `neighbours.png`.</summary>
internal sealed class EvaluationReport
{
    private const string FileName = "evaluation.json", PictureName = "neighbours.png";

    /// <summary>Whose pictures they are, for people: `odog`, or a file's name.</summary>
    public required string Of { get; init; }

    /// <summary>The generator's file, or the pictures'.</summary>
    public required string From { get; init; }

    /// <summary>The seed of noise and subsets.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The device that judged.</summary>
    public required string Device { get; init; }

    /// <summary>The pictures.</summary>
    public required ImageBytes Pictures { get; init; }

    /// <summary>The data set.</summary>
    public required ReferenceSet Real { get; init; }

    /// <summary>The classifier's share of test pictures whose class it finds.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The figures.</summary>
    public required EvaluationResult Figures { get; init; }

    /// <summary>Writes both files, in place of those of an earlier evaluation.</summary>
    /// <returns>Their paths.</returns>
    /// <exception cref="GanException">Writing: a file can't be written.</exception>
    public (string Json, string Picture) Write(string folder)
    {
        string json = Path.Combine(folder, FileName), picture = Path.Combine(folder, PictureName);
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception fault) when (AtomicFile.IsOfWriting(fault))
        {
            throw AtomicFile.Failed(json, fault);
        }
        JsonFile.Write(json, Write);
        AtomicFile.Write(picture, stream => Png.Write(stream, NearestPictures.Grid(Pictures, Real.Training, Figures.Nearest)));
        return (json, picture);
    }

    /// <summary>Says the table.</summary>
    public void Say(Screen screen)
    {
        var (made, real) = (Figures.Made, Figures.Real);
        Row("", Of, "real", "");
        Row("classifier Frechet distance", $"{made.Frechet:0.000}", $"{real.Frechet:0.000}", "0 is best; comparable within one data set, and no FID");
        var (first, second) = Figures.Parts.Counts;
        Row(first == second ? "  two halves of real ones" : "  two parts of real ones", "", $"{Figures.Parts.Frechet:0.000}", $"the floor: {first:N0} and {second:N0}, apart by chance alone");
        Row("kernel distance", Describe(made.Kernel), Describe(real.Kernel), "0 is best; with its standard error");
        Row("precision", Percent(made.PrecisionRecall.Precision), Percent(real.PrecisionRecall.Precision), "of them look real");
        Row("recall", Percent(made.PrecisionRecall.Recall), Percent(real.PrecisionRecall.Recall), "of what is real is made");
        Row("confidence", Percent(made.Confidence), Percent(real.Confidence), "that they are of a class");
        Row("KL of classes", $"{made.Divergence:0.0000}", $"{real.Divergence:0.0000}", "from the test pictures' classes");
        for (int c = 0; c < Classifier.Classes; c++)
            Row($"class {c}", Percent(made.Classes.Share(c)), Percent(real.Classes.Share(c)), $"{Percent(Figures.TestClasses.Share(c))} of the test pictures");
        screen.Say($"All against {Real.Test.Count:N0} {TestDescription}. `real` are {Plural.Of(real.Count, "training picture")} that the classifier hasn't seen, in their place.");

        void Row(string what, string of, string floor, string note) => screen.Say($"{what,-27}  {of,18}  {floor,18}  {note}".TrimEnd());
    }

    /// <summary>What the test pictures are, in words.</summary>
    public string TestDescription => Real.TestIs == "test" ? "test pictures" : "pictures held out of the training set";

    private static string Percent(double share) => $"{100 * share:0.0} %";

    private static string Describe(KernelDistance distance) => $"{distance.Mean:0.0000} ± {distance.Error:0.0000}";

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("pictures");
        json.WriteString("of", Of);
        json.WriteString("from", From);
        json.WriteNumber("count", Pictures.Count);
        json.WriteNumber("seed", Seed);
        json.WriteEndObject();
        json.WriteStartObject("dataset");
        json.WriteString("name", Real.Name);
        json.WriteString("where", Real.Where);
        json.WriteNumber("training", Real.Training.Count);
        json.WriteNumber("held_against", Real.Test.Count);
        json.WriteString("which_are", Real.TestIs);
        json.WriteEndObject();
        json.WriteString("device", Device);
        json.WriteStartObject("classifier");
        json.WriteNumber("learnt_from", Real.LearntFrom);
        json.WriteNumber("accuracy", Accuracy);
        json.WriteNumber("features", Classifier.Features);
        json.WriteEndObject();
        Write(json, "generated", Figures.Made);
        Write(json, "real", Figures.Real);
        json.WriteStartObject("two_parts_of_real");
        WriteArray(json, "counts", [Figures.Parts.Counts.First, Figures.Parts.Counts.Second], json.WriteNumberValue);
        json.WriteNumber("classifier_frechet_distance", Figures.Parts.Frechet);
        json.WriteEndObject();
        Write(json, "test_classes", Figures.TestClasses);
        json.WriteStartArray("nearest_training_pictures");
        foreach (var nearest in Figures.Nearest)
        {
            json.WriteStartObject();
            WriteArray(json, "numbers", nearest.Pictures, json.WriteNumberValue);
            WriteArray(json, "rms_differences", nearest.Distances, json.WriteNumberValue);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, Figures figures)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count", figures.Count);
        json.WriteNumber("classifier_frechet_distance", figures.Frechet);
        json.WriteNumber("kernel_distance", figures.Kernel.Mean);
        json.WriteNumber("kernel_distance_standard_error", figures.Kernel.Error);
        json.WriteNumber("precision", figures.PrecisionRecall.Precision);
        json.WriteNumber("recall", figures.PrecisionRecall.Recall);
        json.WriteNumber("confidence", figures.Confidence);
        Write(json, "classes", figures.Classes);
        json.WriteOptional("kl_of_classes", figures.Divergence);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, ClassHistogram histogram) => WriteArray(json, name, histogram.Counts, json.WriteNumberValue);

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> values, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            write(value);
        json.WriteEndArray();
    }
}
