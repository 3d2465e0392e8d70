//! How far back each report can be ordered (guide 6.5.3), checked before the platform is asked.

use mno_kite_reports_v1::operations::CreateDownloadReport;
use mno_kite_reports_v1::types::{Report, ReportPeriod};
use mno_runtime::values::{Date, YearMonth};
use mno_runtime::{Error, ErrorKind, Operation};

/// Checks an order against the guide's table; `today` is the customer's.
pub(super) fn check(report: &Report, today: Date) -> Result<(), Error> {
    let day = |name, date: Date, newest, oldest| days_back(name, date, today, newest, oldest);
    let month = |name, text: &str, newest, oldest| {
        let month = month_of(text).ok_or_else(|| refused(name, "it is a month, like 2031-01"))?;
        months_back(name, month, today, newest, oldest)
    };
    match report {
        Report::Presence(r) if r.period == ReportPeriod::Daily => {
            let date = date_of("date", &r.date)?;
            let first = first_of_month(today, 2);
            if date.unix_days() < first || date.unix_days() > today.unix_days() {
                let reason = "daily presence goes from the first of the month before last to today";
                return Err(refused("date", reason));
            }
            Ok(())
        }
        Report::Presence(r) => month("date", &r.date, 1, 3),
        // Advanced location keeps today and yesterday only; which one it is, nothing tells.
        Report::Location(r) if r.period == ReportPeriod::Daily => {
            day("date", date_of("date", &r.date)?, 0, 100)
        }
        Report::Location(r) => month("date", &r.date, 1, 3),
        Report::AccumulatedSummaryDaily(r) => months_back("date", r.date, today, 1, 3),
        Report::ConsumptionDaily(r) => {
            if r.show_billing_account == Some(true) && r.show_commercial_group == Some(true) {
                let reason = "it excludes showCommercialGroup: the platform takes one of the two";
                return Err(refused("showBillingAccount", reason));
            }
            in_order(r.start, r.end)?;
            if r.end.unix_days() - r.start.unix_days() >= 31 {
                return Err(refused("end", "it has to be less than 31 days after start"));
            }
            day("end", r.end, 0, i64::MAX)
        }
        Report::ExpenseDetailMonthly(r) => month("date", &r.date, 1, 24),
        Report::SubscriptionBaseMonthly(r) => {
            if month_index(r.start) > month_index(r.end) {
                return Err(refused("end", "it is before start"));
            }
            months_back("start", r.start, today, 0, 12)?;
            months_back("end", r.end, today, 0, 12)
        }
        Report::ExpenseDetailDaily(r) => {
            in_order(r.start, r.end)?;
            day("start", r.start, 0, 124)?;
            day("end", r.end, 0, 124)
        }
        Report::ConsumptionDetailDaily(r) => {
            in_order(r.start, r.end)?;
            day("start", r.start, 0, 124)?;
            day("end", r.end, 0, 124)
        }
        Report::SubscriptionSnapshotDaily(r) => day("date", date_of("date", &r.date)?, 2, 30),
        Report::ChargesAggregated(r) => month("date", &r.date, 1, 11),
        Report::ApiTransactionActivityDaily(r) => day("date", date_of("date", &r.date)?, 0, 31),
        Report::NetworkRegistrationFailureDaily(r) => day("date", date_of("date", &r.date)?, 1, 31),
        Report::SwapActivity(r) => month("date", &r.date, 0, 12),
        Report::RetiredSubscriptions(r) => {
            in_order(r.start, r.end)?;
            if r.start.year() < 2011 {
                return Err(refused(
                    "start",
                    "retired SIMs are known from 2011-01-01 on",
                ));
            }
            if r.end.unix_days() - r.start.unix_days() > 732 {
                return Err(refused("end", "the days from start to end are 732 at most"));
            }
            day("end", r.end, 0, i64::MAX)
        }
        Report::SubscriptionDetailMonthly(r) => {
            // Not on the day the cycle closes.
            day("dateBillingCycleEnd", r.date_billing_cycle_end, 1, 731)
        }
        Report::ChangedImei(r) => day("date", date_of("date", &r.date)?, 0, 30),
        Report::AlarmsMonthly(r) => month("date", &r.date, 0, 12),
        // On demand, or nothing is known.
        _ => Ok(()),
    }
}

fn in_order(start: Date, end: Date) -> Result<(), Error> {
    if start.unix_days() > end.unix_days() {
        return Err(refused("end", "it is before start"));
    }
    Ok(())
}

fn days_back(name: &str, date: Date, today: Date, newest: i64, oldest: i64) -> Result<(), Error> {
    let back = today.unix_days() - date.unix_days();
    if (newest..=oldest).contains(&back) {
        return Ok(());
    }
    let newest = match newest {
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    };
    let oldest = if oldest == i64::MAX {
        String::new()
    } else {
        format!(", {oldest} days back at most")
    };
    Err(refused(
        name,
        &format!("the newest day is {newest}{oldest}; today is {today}"),
    ))
}

fn months_back(
    name: &str,
    month: YearMonth,
    today: Date,
    newest: i64,
    oldest: i64,
) -> Result<(), Error> {
    let back = index(today.year(), today.month()) - month_index(month);
    if (newest..=oldest).contains(&back) {
        return Ok(());
    }
    let newest = if newest == 0 {
        "this one"
    } else {
        "the one before this"
    };
    let reason = format!("the newest month is {newest}, {oldest} back at most; today is {today}");
    Err(refused(name, &reason))
}

fn index(year: i32, month: u8) -> i64 {
    i64::from(year) * 12 + i64::from(month)
}

fn month_index(month: YearMonth) -> i64 {
    index(month.year(), month.month())
}

/// Day number of the first of the month, so many months before.
fn first_of_month(today: Date, months: i64) -> i64 {
    let index = index(today.year(), today.month()) - 1 - months;
    let year = i32::try_from(index.div_euclid(12)).unwrap_or(today.year());
    let month = u8::try_from(index.rem_euclid(12) + 1).unwrap_or(1);
    Date::new(year, month, 1).map_or(today.unix_days(), |d| d.unix_days())
}

fn date_of(name: &str, text: &str) -> Result<Date, Error> {
    text.trim()
        .parse()
        .map_err(|_| refused(name, "it is a day, like 2031-01-15"))
}

fn month_of(text: &str) -> Option<YearMonth> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let date: Date = text.parse().ok()?;
        YearMonth::new(date.year(), date.month()).ok()
    })
}

fn refused(name: &str, reason: &str) -> Error {
    let message = format!("the platform does not make this report: {name}: {reason} (guide 6.5.3)");
    Error::new(ErrorKind::InvalidRequest, message)
        .with_operation(&CreateDownloadReport::FACTS)
        .with_path(name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use mno_kite_reports_v1::types::*;

    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn allowed(report: impl Into<Report>) -> bool {
        check(&report.into(), date("2031-05-29")).is_ok()
    }

    /// Chapter 6.5.3, line by line; today is 29 May 2031.
    #[test]
    fn presence() {
        let daily = |day: &str| allowed(PresenceReport::new("g", ReportPeriod::Daily, day));
        assert!(daily("2031-05-29") && daily("2031-03-01"));
        assert!(!daily("2031-02-28") && !daily("2031-05-30"));
        let monthly = |m: &str| allowed(PresenceReport::new("g", ReportPeriod::Monthly, m));
        assert!(monthly("2031-04") && monthly("2031-02"));
        assert!(!monthly("2031-05") && !monthly("2031-01"));
    }

    #[test]
    fn location() {
        let daily = |day: &str| allowed(LocationReport::new("g", ReportPeriod::Daily, day));
        assert!(daily("2031-05-29") && daily("2031-02-18"));
        assert!(!daily("2031-02-17") && !daily("2031-05-30"));
    }

    #[test]
    fn accumulated_summary() {
        let month = |m: &str| {
            allowed(AccumulatedSummaryDailyReport::new(
                "g",
                m.parse::<YearMonth>().unwrap(),
            ))
        };
        assert!(month("2031-04") && month("2031-02") && !month("2031-05") && !month("2031-01"));
    }

    #[test]
    fn daily_consumption() {
        let range = |a: &str, b: &str| ConsumptionDailyReport::new(date(a), date(b));
        assert!(allowed(range("2031-04-01", "2031-05-01")));
        assert!(!allowed(range("2031-04-01", "2031-05-02")), "31 days after");
        assert!(!allowed(range("2031-04-02", "2031-04-01")));
        assert!(!allowed(range("2031-05-29", "2031-05-30")), "tomorrow");
        let both = range("2031-04-01", "2031-04-02")
            .with_show_billing_account(true)
            .with_show_commercial_group(true);
        assert!(!allowed(both));
    }

    #[test]
    fn months_of_expenses_and_charges() {
        let expense = |m: &str| allowed(ExpenseDetailMonthlyReport::new("0", m));
        assert!(
            expense("2031-04") && expense("2029-05") && !expense("2031-05") && !expense("2029-04")
        );
        let charges = |m: &str| allowed(ChargesAggregatedReport::new("0", m));
        assert!(
            charges("2031-04") && charges("2030-06") && !charges("2031-05") && !charges("2030-05")
        );
        assert!(!expense("april"));
    }

    #[test]
    fn days_of_details() {
        let detail =
            |a: &str, b: &str| allowed(ConsumptionDetailDailyReport::new(date(a), date(b)));
        assert!(detail("2031-01-25", "2031-05-29") && !detail("2031-01-24", "2031-05-29"));
        let expense = |a: &str, b: &str| allowed(ExpenseDetailDailyReport::new(date(a), date(b)));
        assert!(expense("2031-05-29", "2031-05-29") && !expense("2031-05-29", "2031-05-30"));
    }

    #[test]
    fn single_days() {
        let snapshot = |d: &str| allowed(SubscriptionSnapshotDailyReport::new(d));
        assert!(snapshot("2031-05-27") && snapshot("2031-04-29"));
        assert!(!snapshot("2031-05-28") && !snapshot("2031-04-28"));
        let transactions = |d: &str| allowed(ApiTransactionActivityDailyReport::new(d));
        assert!(
            transactions("2031-05-29") && transactions("2031-04-28") && !transactions("2031-04-27")
        );
        let failures = |d: &str| allowed(NetworkRegistrationFailureDailyReport::new(d));
        assert!(failures("2031-05-28") && !failures("2031-05-29") && !failures("2031-04-27"));
        let imei = |d: &str| allowed(ChangedImeiReport::new(d));
        assert!(imei("2031-05-29") && imei("2031-04-29") && !imei("2031-04-28"));
    }

    #[test]
    fn base_of_subscriptions() {
        let base = |a: &str, b: &str| {
            let (start, end) = (a.parse::<YearMonth>(), b.parse::<YearMonth>());
            allowed(SubscriptionBaseMonthlyReport::new(
                start.unwrap(),
                end.unwrap(),
            ))
        };
        assert!(base("2030-05", "2031-05") && !base("2030-04", "2031-05"));
        assert!(!base("2031-05", "2031-06") && !base("2031-05", "2031-04"));
    }

    #[test]
    fn details_of_a_cycle_that_is_closed() {
        let closed = |d| allowed(SubscriptionDetailMonthlyReport::new("0", date(d)));
        assert!(
            closed("2031-05-28") && !closed("2031-05-29"),
            "the day after"
        );
        assert!(closed("2029-05-29") && !closed("2029-05-27"));
    }

    #[test]
    fn what_needs_no_date_or_of_which_nothing_is_known() {
        assert!(allowed(ManufacturerModelSummaryReport::new()));
        assert!(allowed(UserListReport::new()));
        assert!(allowed(SmsDeliveryReport::new("0123456789abcdef01234567")));
        assert!(allowed(CustomerManufacturerFileReport::new("7")));
    }

    #[test]
    fn monthly_location() {
        let monthly = |m: &str| allowed(LocationReport::new("g", ReportPeriod::Monthly, m));
        assert!(monthly("2031-04") && monthly("2031-02"));
        assert!(!monthly("2031-05") && !monthly("2031-01"));
    }

    #[test]
    fn months_up_to_this_one() {
        let swap = |m: &str| allowed(SwapActivityReport::new(m));
        assert!(swap("2031-05") && swap("2030-05") && !swap("2030-04") && !swap("2031-06"));
        let alarms = |m: &str| allowed(AlarmsMonthlyReport::new(m));
        assert!(alarms("2031-05") && !alarms("2030-04"));
    }

    #[test]
    fn retired_subscriptions() {
        let retired = |a: &str, b: &str| allowed(RetiredSubscriptionsReport::new(date(a), date(b)));
        assert!(retired("2011-01-01", "2013-01-01") && retired("2029-06-01", "2031-05-29"));
        assert!(!retired("2010-12-31", "2011-12-31") && !retired("2029-01-01", "2031-05-29"));
    }

    #[test]
    fn the_error_says_why_and_where_that_stands() {
        let report = Report::from(SubscriptionSnapshotDailyReport::new("2031-05-28"));
        let error = check(&report, date("2031-05-29")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.path(), Some("date"));
        let text = error.to_string();
        assert!(
            text.contains("the newest day is 2 days ago, 30 days back at most"),
            "{text}"
        );
        assert!(
            text.contains("today is 2031-05-29") && text.contains("6.5.3"),
            "{text}"
        );
    }
}
